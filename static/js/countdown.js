// <rb-countdown until="ISO" now="ISO" total="20"> draws the time left in its own ring and text.
// The server decides when time is up; its own "now" takes the error of this machine's clock out.
class Countdown extends HTMLElement {
  connectedCallback() {
    const skew = Date.parse(this.getAttribute("now")) - Date.now() || 0;
    this.end = Date.parse(this.getAttribute("until")) - skew;
    this.timer = setInterval(() => this.draw(), 250);
    this.draw();
  }

  disconnectedCallback() {
    clearInterval(this.timer);
  }

  draw() {
    const left = Math.max(0, Math.ceil((this.end - Date.now()) / 1000));
    if (left === this.shown) return;
    this.shown = left;
    const total = Number(this.getAttribute("total")) || left;
    const text = [Math.floor(left / 60), left % 60].map((part) => String(part).padStart(2, "0")).join(":");
    for (const slot of this.querySelectorAll("[data-left]")) slot.textContent = text;
    this.querySelector(".ring-left")?.setAttribute("stroke-dasharray", `${(left / total) * 100} 100`);
    if (left === 5) this.dispatchEvent(new CustomEvent("rb-last-seconds", { bubbles: true }));
    if (left > 0) return;
    this.toggleAttribute("elapsed", true);
    clearInterval(this.timer);
    this.dispatchEvent(new CustomEvent("rb-elapsed", { bubbles: true }));
  }
}

// <rb-elapsed-time since="ISO" now="ISO"> counts up: 4:51.
class ElapsedTime extends HTMLElement {
  connectedCallback() {
    const skew = Date.parse(this.getAttribute("now")) - Date.now() || 0;
    this.start = Date.parse(this.getAttribute("since")) - skew;
    this.timer = setInterval(() => this.draw(), 500);
    this.draw();
  }

  disconnectedCallback() {
    clearInterval(this.timer);
  }

  draw() {
    const seconds = Math.max(0, Math.floor((Date.now() - this.start) / 1000));
    const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
    const tail = String(seconds % 60).padStart(2, "0");
    const text = hours ? `${hours} h ${String(minutes).padStart(2, "0")}` : `${minutes}:${tail}`;
    if (text !== this.textContent) this.textContent = text;
  }
}

// <rb-wall zone="Europe/Berlin"> is the time of day there.
class Wall extends HTMLElement {
  connectedCallback() {
    const options = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: this.getAttribute("zone") };
    this.format = new Intl.DateTimeFormat("en-GB", options);
    this.timer = setInterval(() => this.draw(), 2000);
    this.draw();
  }

  disconnectedCallback() {
    clearInterval(this.timer);
  }

  draw() {
    const text = this.format.format(new Date());
    if (text !== this.textContent) this.textContent = text;
  }
}

customElements.define("rb-countdown", Countdown);
customElements.define("rb-elapsed-time", ElapsedTime);
customElements.define("rb-wall", Wall);
