// <rb-live> stands around what lives on server-sent events: says when the line is lost, and when it
// is back asks for what was missed ("resync"). Rings and marks the title while an offer is open.
import { forgetRelease, onRelease, pressing } from "./press.js";

class Live extends HTMLElement {
  drawings = 0;
  owed = new Set(); // parts that changed while a button was held

  connectedCallback() {
    this.plain = document.title;
    this.addEventListener("htmx:sseError", () => this.lost());
    this.addEventListener("htmx:sseOpen", () => this.back());
    window.addEventListener("offline", () => this.lost());
    window.addEventListener("online", () => this.back());
    this.addEventListener("sse:withdrawn", ({ detail }) => this.explain(JSON.parse(detail.data).why), true);
    this.addEventListener("htmx:beforeRequest", ({ target }) => target.matches("#work") && this.forget(target));
    // The menu of one's state asks from the top bar, which stands outside.
    document.addEventListener("htmx:beforeRequest", ({ detail }) => (detail.requestConfig.drawings = this.drawings));
    this.addEventListener("htmx:beforeSwap", (event) => this.draw(event));
    this.addEventListener("htmx:afterSettle", () => this.look());
    this.addEventListener("rb-last-seconds", ({ target }) => {
      if (target.closest(".offer")) this.say("alert", "5 seconds left");
    });
    document.querySelector("#why button")?.addEventListener("click", () => (document.getElementById("why").hidden = true));
    this.payOwed = () => this.release();
    onRelease(this.payOwed);
    this.look();
  }

  disconnectedCallback() {
    forgetRelease(this.payOwed);
  }

  release() {
    for (const part of this.owed) if (part.isConnected) htmx.trigger(part, "owed");
    this.owed.clear();
  }

  lost() {
    if (this.since) return;
    this.since = new Date();
    const at = this.since.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
    const banner = document.getElementById("offline");
    banner.querySelector("[data-at]").textContent = at;
    banner.hidden = false;
    this.say("alert", `Connection lost at ${at}`);
  }

  back() {
    if (!this.since) return;
    this.since = null;
    document.getElementById("offline").hidden = true;
    this.say("status", "Connected again");
    document.body.dispatchEvent(new CustomEvent("resync"));
  }

  // Why an offer left the screen: stays until it is read away or the next one comes. What was asked
  // before may still show that offer.
  explain(why) {
    this.drawings++;
    this.rung = document.querySelector("dialog.offer")?.dataset.offer;
    const notice = document.getElementById("why");
    notice.querySelector("p").textContent = why;
    notice.hidden = false;
  }

  // What was wrong last time is asked anew.
  forget(work) {
    for (const place of work.querySelectorAll(".wrong")) place.textContent = "";
  }

  // A desk that was asked for before the one on the screen was drawn comes too late: it may show what
  // has been answered since, or the same work without the note that is half typed. It is asked again.
  draw({ target, detail }) {
    if (!detail.shouldSwap) return;
    if (pressing() && detail.requestConfig.elt === target) {
      detail.shouldSwap = false;
      this.owed.add(target);
      return;
    }
    if (target.id !== "desk") return;
    if (detail.requestConfig.drawings === this.drawings || detail.xhr.status >= 400) {
      this.drawings++;
      return;
    }
    detail.shouldSwap = false;
    document.body.dispatchEvent(new CustomEvent("resync"));
  }

  look() {
    // The state in the top bar stands outside what is swapped, and follows it.
    const presence = this.querySelector("#presence-now")?.content.firstElementChild;
    if (presence) document.getElementById("presence").replaceWith(presence);
    const offer = document.querySelector("dialog.offer");
    const name = offer?.querySelector("h1")?.textContent.trim();
    document.title = name ? `(1) ${name}: callback offered` : (this.querySelector("[data-title]")?.dataset.title ?? this.plain);
    // The same offer neither rings again nor hides why it was withdrawn meanwhile.
    if (!name || offer.dataset.offer === this.rung) return;
    this.rung = offer.dataset.offer;
    document.getElementById("why").hidden = true;
    this.say("alert", offer.dataset.announce);
    this.ring();
  }

  say(role, text) {
    document.querySelector(`[data-region="${role}"]`).textContent = text;
  }

  ring() {
    const sound = (this.sound ??= new AudioContext());
    if (sound.state !== "running") sound.resume().catch(() => {});
    for (const [at, pitch] of [[0, 660], [0.22, 880]]) {
      const tone = sound.createOscillator();
      const level = sound.createGain();
      tone.frequency.value = pitch;
      level.gain.setValueAtTime(0.12, sound.currentTime + at);
      level.gain.exponentialRampToValueAtTime(0.001, sound.currentTime + at + 0.2);
      tone.connect(level).connect(sound.destination);
      tone.start(sound.currentTime + at);
      tone.stop(sound.currentTime + at + 0.2);
    }
  }
}

customElements.define("rb-live", Live);
