// <rb-zone shown="Europe/London"> tells the form which zone this browser is in, and shows the times of that zone
// unless the customer has chosen one.
class Zone extends HTMLElement {
  connectedCallback() {
    const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const field = this.querySelector("[name=browser_zone]");
    field.value = here;
    if (this.hasAttribute("said") || here === this.getAttribute("shown")) return;
    // htmx listens from DOMContentLoaded on; this element is known a little earlier.
    const tell = () => this.dispatchEvent(new CustomEvent("rb-zone", { bubbles: true }));
    document.addEventListener("DOMContentLoaded", tell, { once: true });
  }
}

customElements.define("rb-zone", Zone);
