// <rb-wallboard> asks for the figures when something happened, every few seconds at most and never
// without the last of it, and tells those who listen how it stands now and then.
const PACE = 3000;
const SUMMARY = 30000;

class Wallboard extends HTMLElement {
  connectedCallback() {
    this.body = this.querySelector("#main");
    this.drawnAt = Date.now();
    this.saidAt = Date.now();
    this.said = this.summary;
    this.addEventListener("htmx:beforeRequest", (event) => this.mayAsk(event));
    this.addEventListener("htmx:afterSwap", () => this.tell());
  }

  disconnectedCallback() {
    clearTimeout(this.owed);
  }

  get summary() {
    return this.querySelector("[data-summary]").dataset.summary;
  }

  mayAsk(event) {
    const news = event.detail.requestConfig.triggeringEvent?.type.startsWith("sse:");
    const wait = news ? this.drawnAt + PACE - Date.now() : 0;
    if (wait > 0) {
      event.preventDefault();
      this.owed ??= setTimeout(() => htmx.trigger(this.body, "owed"), wait);
      return;
    }
    clearTimeout(this.owed);
    this.owed = undefined;
    this.drawnAt = Date.now();
  }

  tell() {
    const text = this.summary;
    if (text === this.said || Date.now() < this.saidAt + SUMMARY) return;
    this.said = text;
    this.saidAt = Date.now();
    document.querySelector('[data-region="status"]').textContent = text;
  }
}

customElements.define("rb-wallboard", Wallboard);
