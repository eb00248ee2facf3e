// <rb-palette> is a combobox over all that one can go to or do: commands and pages are read from the
// page itself, saved views and callbacks come from the server. What comes later is put below, so that
// nothing moves under the hand, and Enter never takes what belongs to an older word.
import { nameOf } from "./shortcuts.js";

const SAY_AFTER = 600;

class Palette extends HTMLElement {
  connectedCallback() {
    this.dialog = this.querySelector("dialog");
    this.field = this.querySelector("[role=combobox]");
    this.list = this.querySelector("[role=listbox]");
    this.here = this.querySelector("#palette-here");
    this.found = this.querySelector("#palette-found");
    document.addEventListener("click", ({ target }) => target.closest("[data-open-palette]") && this.open());
    this.addEventListener("click", (event) => this.click(event));
    this.field.addEventListener("input", () => this.typed());
    this.field.addEventListener("keydown", (event) => this.key(event));
    this.dialog.addEventListener("close", () => this.closed());
    this.addEventListener("htmx:beforeSwap", (event) => this.before(event));
    this.addEventListener("htmx:afterSwap", () => this.arrived());
    this.addEventListener("htmx:sendError", () => this.arrived(true));
    this.addEventListener("htmx:timeout", () => this.arrived(true));
  }

  get keys() {
    return document.querySelector("rb-keys");
  }

  get options() {
    return [...this.list.querySelectorAll("[role=option]")];
  }

  get active() {
    return this.list.querySelector('[aria-selected="true"]');
  }

  // ---- Opening and closing

  open() {
    if (this.dialog.open) return;
    this.cameFrom = document.activeElement;
    const offered = this.keys.commands.filter((one) => this.offers(one)).map((one) => ({ ...one, about: this.aboutInWords(one.element) }));
    this.commands = [...offered.filter((one) => !one.everywhere), ...offered.filter((one) => one.everywhere)];
    this.field.value = "";
    this.found.replaceChildren();
    this.dialog.showModal();
    this.typed();
    htmx.trigger(this.field, "opened");
  }

  // Not what is shown as a page, and not what the queue could do with nothing.
  offers({ element, off }) {
    if (off || element.matches("a, [data-open-palette]")) return false;
    return this.about(element)?.length !== 0;
  }

  // The callbacks that a button of the row menu would be about; undefined for other buttons.
  about(element) {
    const queue = element.closest(".menu") && element.closest("rb-queue");
    return queue?.subjects?.();
  }

  // Said beside the command: what it acts on may lie hidden behind the palette.
  aboutInWords(element) {
    const ids = this.about(element) ?? [];
    if (ids.length !== 1) return ids.length ? `${ids.length} selected` : "";
    return document.querySelector(`tbody [data-callback="${CSS.escape(ids[0])}"] a, #story-name`)?.textContent.trim() ?? "";
  }

  // The browser gives the focus back, but not to what was drawn anew meanwhile.
  closed() {
    clearTimeout(this.later);
    this.entered = false;
    if (document.activeElement !== document.body) return;
    document.getElementById(this.cameFrom?.id)?.focus();
  }

  // ---- Typing and what comes of it

  typed() {
    const wanted = this.field.value.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = (name) => wanted.every((word) => name.toLowerCase().includes(word));
    const pages = [...document.querySelectorAll("#main-menu a")].map((link) => ({ name: nameOf(link), link }));
    this.here.replaceChildren(
      ...this.group("Commands", this.commands.filter(({ name }) => fits(name)).map((one) => this.command(one))),
      ...this.group("Pages", pages.filter(({ name }) => fits(name)).map((one) => this.page(one))),
    );
    this.found.setAttribute("aria-busy", "true");
    this.entered = false;
    this.activate(this.here.querySelector("[role=option]"));
    this.count();
  }

  group(title, options) {
    if (!options.length) return [];
    const group = document.createElement("div");
    group.role = "group";
    group.ariaLabel = title;
    const label = Object.assign(document.createElement("p"), { className: "label", textContent: title, ariaHidden: "true" });
    group.append(label, ...options);
    return [group];
  }

  command({ name, key, element, about }) {
    const option = this.option("div", name, element.querySelector(".icon"));
    option.dataset.command = key;
    const whom = Object.assign(document.createElement("small"), { className: "fine", textContent: about });
    option.append(whom, this.keys.draw(key));
    return option;
  }

  page({ name, link }) {
    const option = this.option("a", name, this.querySelector("[data-page-icon]").content.firstElementChild);
    option.href = link.href;
    option.tabIndex = -1;
    if (link.dataset.key) option.append(this.keys.draw(link.dataset.key));
    return option;
  }

  option(tag, name, icon) {
    const option = Object.assign(document.createElement(tag), { className: "palette-option", role: "option", ariaSelected: "false" });
    option.append(icon?.cloneNode(true) ?? "", Object.assign(document.createElement("span"), { textContent: name }));
    return option;
  }

  // An answer of the sign-in page, or of a broken server, is no list.
  before({ detail }) {
    const { pathname, searchParams } = new URL(detail.xhr.responseURL);
    const ours = detail.xhr.status === 200 && pathname === this.field.getAttribute("hx-get");
    const older = searchParams.get("q") !== this.field.value; // the next answer is on its way
    if (ours && !older) return;
    detail.shouldSwap = false;
    if (!ours) this.arrived(true);
  }

  arrived(trouble = false) {
    if (trouble) this.found.replaceChildren();
    this.found.removeAttribute("aria-busy");
    this.querySelector("[data-trouble]").hidden = !trouble;
    if (!this.active) this.activate(this.options[0]);
    this.count(trouble);
    if (this.entered) this.choose();
  }

  count(trouble = false) {
    const { options } = this;
    const busy = this.found.hasAttribute("aria-busy");
    options.forEach((option, at) => (option.id = `palette-option-${at}`));
    this.activate(this.active);
    this.field.setAttribute("aria-expanded", String(options.length > 0));
    this.list.hidden = !options.length;
    this.querySelector("[data-none]").hidden = busy || trouble || options.length > 0;
    clearTimeout(this.later);
    if (busy) return;
    const words = options.length === 1 ? "1 result" : `${options.length || "No"} results`;
    this.later = setTimeout(() => (this.querySelector("[data-found]").textContent = words), SAY_AFTER);
  }

  // ---- Choosing

  activate(option) {
    for (const one of this.options) one.ariaSelected = String(one === option);
    if (!option) this.field.removeAttribute("aria-activedescendant");
    else {
      this.field.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    }
  }

  key(event) {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) this.step(step);
    else if (event.key === "Enter") this.choose();
    else return;
    event.preventDefault();
  }

  step(by) {
    const { options } = this;
    if (!options.length) return;
    const at = options.indexOf(this.active);
    this.activate(options.at((at + by + (at < 0 && by < 0 ? 1 : 0)) % options.length));
  }

  choose() {
    const old = this.found.hasAttribute("aria-busy") && (!this.active || this.found.contains(this.active));
    this.entered = Boolean(old);
    if (!old) this.active?.click();
  }

  click({ target }) {
    if (target.closest("[data-close-palette]")) this.dialog.close();
    const option = target.closest("[role=option]");
    if (!option) return;
    this.dialog.close();
    if (option.dataset.command) this.keys.press(option.dataset.command);
  }
}

customElements.define("rb-palette", Palette);
