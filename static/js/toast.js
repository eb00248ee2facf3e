// <rb-toast seconds="10"> says what was done and offers to take it back. It leaves by itself, but never
// from under a hand: not while it has the focus or the pointer, is unfolded, or waits for its answer.
// With data-stays it is a report that is read and closed: then only the offer leaves.
const IN_HAND = ":hover, :focus-within, :has(details[open]), :has(.htmx-request)";
let pressed = ""; // the callback whose undo was pressed here: its row gets the focus that is lost

class Toast extends HTMLElement {
  connectedCallback() {
    const seconds = Number(this.getAttribute("seconds"));
    if (seconds) this.timer = setTimeout(() => this.leave(), seconds * 1000);
    this.addEventListener("submit", () => this.press());
    const handOff = () => setTimeout(() => this.over && this.leave());
    for (const name of ["pointerleave", "focusout"]) this.addEventListener(name, handOff);
    this.addEventListener("toggle", handOff, true);
    setTimeout(() => this.giveFocusBack());
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
  }

  leave() {
    this.over = true;
    if (!this.isConnected || this.matches(IN_HAND)) return;
    if (this.hasAttribute("data-stays")) this.querySelector("[data-undo]")?.remove();
    else this.parentElement.replaceChildren();
  }

  press() {
    pressed = this.contains(document.activeElement) ? this.querySelector("[name=ids]").value : "";
  }

  giveFocusBack() {
    const row = document.getElementById(`open-${pressed}`);
    const lost = pressed && document.activeElement === document.body;
    pressed = "";
    if (lost) (row ?? document.querySelector("tbody a, #queue-title, #story-name"))?.focus();
  }
}

customElements.define("rb-toast", Toast);
