// <rb-modal> opens the <dialog> that the server put inside it and gives the focus back to where it was.
// closedby="none" and this listener keep Escape from answering for the agent; autofocus sits on the heading, never on Accept.
class Modal extends HTMLElement {
  connectedCallback() {
    this.before = document.activeElement;
    this.dialog = this.querySelector("dialog");
    this.dialog.addEventListener("cancel", (event) => event.target === this.dialog && event.preventDefault());
    if (!this.dialog.open) this.dialog.showModal();
  }

  disconnectedCallback() {
    if (this.before?.isConnected) this.before.focus();
  }
}

customElements.define("rb-modal", Modal);
