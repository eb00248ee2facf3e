// <rb-keys> knows what can be pressed on the page as it is now: for its own list, and for the palette.
// Whatever carries data-key is in it under its own name; keys of no button come with the page.
const MAC = /^(Mac|iPhone|iPad)/.test(navigator.platform);
const WORDS = { ctrl: MAC ? "⌘" : "Ctrl", enter: "Enter", escape: "Esc" };
const FRAME = ".topbar, #main-menu, #presence-menu";

export function nameOf(element) {
  const said = element.getAttribute("aria-label");
  if (said) return said;
  const copy = (element.labels?.[0] ?? element).cloneNode(true);
  for (const part of copy.querySelectorAll("kbd, svg, .left-part, .visually-hidden, .count")) part.remove();
  return copy.textContent.replace(/\s+/g, " ").trim();
}

class Keys extends HTMLElement {
  connectedCallback() {
    this.dialog = this.querySelector("dialog");
    document.addEventListener("click", ({ target }) => {
      if (target.closest("[data-open-keys]")) this.open();
      if (target.closest("[data-close-keys]")) this.dialog.close();
    });
    document.addEventListener("single-keys", ({ detail }) => (document.documentElement.dataset.singleKeys = detail.said));
    for (const kbd of document.querySelectorAll("kbd[data-keys]")) kbd.textContent = this.words(kbd.dataset.keys).join(" ");
  }

  // Once each; what stands in a closed menu can be pressed all the same, what stands in a dialog cannot.
  get commands() {
    const found = new Map();
    for (const element of document.querySelectorAll("[data-key]")) {
      const { key } = element.dataset;
      if (found.has(key) || element.closest("dialog")) continue;
      if (!element.checkVisibility() && !element.closest(".menu")) continue;
      const off = element.getAttribute("aria-disabled") === "true";
      found.set(key, { key, element, off, name: nameOf(element), everywhere: Boolean(element.closest(FRAME)) });
    }
    return [...found.values()];
  }

  words(key) {
    return key.split(/[ +]/).map((part) => WORDS[part] ?? part.toUpperCase());
  }

  // "G then R", "Ctrl K": each key as a key.
  draw(key) {
    const place = document.createElement("span");
    place.className = "keys-drawn";
    this.words(key).forEach((word, at) => {
      if (at) place.append(key.includes(" ") ? " then " : " ");
      place.append(Object.assign(document.createElement("kbd"), { textContent: word }));
    });
    return place;
  }

  // As if it were typed, wherever the focus is.
  press(key) {
    for (const part of key.split(" ")) {
      const how = { key: part.replace("ctrl+", ""), ctrlKey: part.startsWith("ctrl+"), bubbles: true, cancelable: true };
      document.body.dispatchEvent(new KeyboardEvent("keydown", how));
    }
  }

  open() {
    const all = this.commands;
    this.fill("here", all.filter((one) => !one.everywhere));
    this.fill("everywhere", all.filter((one) => one.everywhere));
    const page = this.querySelector("[data-page-keys]").content.cloneNode(true);
    const here = this.querySelector('[data-list="here"]');
    here.prepend(page);
    here.closest("section").hidden = !here.childElementCount;
    this.dialog.showModal();
  }

  fill(which, commands) {
    this.querySelector(`[data-list="${which}"]`).replaceChildren(
      ...commands.map((one) => {
        const line = document.createElement("div");
        const key = document.createElement("dd");
        key.append(this.draw(one.key));
        line.append(Object.assign(document.createElement("dt"), { textContent: one.name }), key);
        return line;
      }),
    );
  }
}

customElements.define("rb-keys", Keys);
