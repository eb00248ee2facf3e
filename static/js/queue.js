// <rb-queue> is the supervisor's hand on the queue: which rows are chosen, which one is meant, what
// became of them. The server renders everything; this only says which callbacks an action is about.
// What keeps choice, focus and place while parts are drawn anew is in redraw.js.
import { Redraw } from "./redraw.js";

const typing = (target) => target.matches("textarea, select, input:not([type=radio], [type=checkbox])");

class Queue extends HTMLElement {
  chosen = new Set();
  everything = false; // all that match, on whichever page
  meant = "";

  connectedCallback() {
    this.menu = this.querySelector("#row-menu");
    this.ask = this.querySelector("#ask");
    this.redraw = new Redraw(this);
    this.addEventListener("change", ({ target }) => this.tick(target));
    this.addEventListener("click", (event) => this.click(event));
    this.addEventListener("formdata", ({ formData }) => this.leaveOut(formData));
    this.addEventListener("htmx:afterSwap", (event) => this.after(event));
    this.ask.addEventListener("close", () => this.goBack());
    this.listen = (event) => this.key(event);
    document.addEventListener("keydown", this.listen);
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.listen);
    this.redraw.disconnect();
  }

  get rows() {
    return [...this.querySelectorAll("tbody [data-callback]")];
  }

  get chosenInOrder() {
    return this.rows.map((row) => row.dataset.callback).filter((id) => this.chosen.has(id));
  }

  // ---- Choosing

  tick(target) {
    if (target.matches(".row-check-all")) {
      for (const row of this.rows) this.choose(row, target.checked);
    } else if (target.matches(".row-check")) {
      this.choose(target.closest("[data-callback]"), target.checked);
    } else return;
    this.count();
  }

  choose(row, on) {
    this.everything = false;
    this.chosen[on ? "add" : "delete"](row.dataset.callback);
  }

  // The boxes as they are chosen; whatever is no longer shown is no longer chosen.
  count() {
    const shown = new Set(this.rows.map((row) => row.dataset.callback));
    for (const id of this.chosen) if (!shown.has(id)) this.chosen.delete(id);
    for (const row of this.rows) row.querySelector(".row-check").checked = this.chosen.has(row.dataset.callback);
    const all = this.querySelector(".row-check-all");
    if (all) {
      all.checked = this.chosen.size > 0 && this.chosen.size === shown.size;
      all.indeterminate = this.chosen.size > 0 && !all.checked;
    }
    const { total } = this.querySelector("#queue-list")?.dataset ?? {};
    const whole = this.chosen.size > 0 && this.chosen.size === shown.size;
    this.everything &&= whole;
    const more = this.querySelector("[data-everything]");
    if (more) {
      more.hidden = !whole || this.everything || total === String(shown.size);
      more.textContent = `Select all ${total} that match`;
    }
    const words = this.everything ? `All ${total} that match` : `${this.chosen.size} selected`;
    const output = this.querySelector(".bulk-bar output");
    if (output && output.textContent !== words) output.textContent = words;
  }

  clear() {
    const inside = this.querySelector(".bulk-bar").contains(document.activeElement);
    const first = this.rows.find((row) => this.chosen.has(row.dataset.callback));
    this.chosen.clear();
    this.everything = false;
    this.count();
    if (inside) this.focusRow(first);
  }

  chooseEverything() {
    this.everything = true;
    this.count();
    this.querySelector(".bulk-bar [data-all]").focus();
    this.say(this.querySelector(".bulk-bar output").textContent);
  }

  // An address says only what is set.
  leaveOut(formData) {
    for (const [name, value] of [...formData]) if (value === "") formData.delete(name);
  }

  // ---- Acting

  click(event) {
    const { target } = event;
    const opener = target.closest('[popovertarget="row-menu"]');
    if (opener) {
      this.meant = opener.closest("[data-callback]").dataset.callback;
      this.menu.setAttribute("aria-label", opener.getAttribute("aria-label"));
    }
    const button = target.closest("[data-act]");
    if (button) this.act(button, this.about(button));
    if (target.closest("[data-clear]")) this.clear();
    if (target.closest("[data-everything]")) this.chooseEverything();
    if (target.closest("[data-dismiss]")) this.dismiss();
    if (target.closest("[data-close-ask]")) this.ask.close();
    if (target.closest("[data-show]")) htmx.trigger(this.querySelector("#queue-list"), "show");
    if (target.closest("[data-close-story]") && this.closeStory()) event.preventDefault();
  }

  about(button) {
    if (this.menu.contains(button)) return [this.meant];
    const own = button.closest("[data-callback]");
    return own ? [own.dataset.callback] : this.chosenInOrder;
  }

  act(button, ids) {
    if (button.getAttribute("aria-disabled") === "true" || !ids.length) return;
    if (this.menu.matches(":popover-open")) this.menu.hidePopover();
    const { act, ask } = button.dataset;
    if (this.everything && ids.length === this.chosen.size && ids.every((id) => this.chosen.has(id))) {
      const { all } = this.querySelector(`.bulk-bar [data-act="${act}"]`)?.dataset ?? {};
      const { query } = this.querySelector("#queue-list").dataset;
      if (all) htmx.ajax("GET", all, { source: this, values: { query }, target: "#ask", swap: "innerHTML" });
      else this.say("This is done for one callback or for the rows of a page");
      return;
    }
    const how = { source: this, values: { ids }, target: ask ? "#ask" : "#report", swap: "innerHTML" };
    htmx.ajax(ask ? "GET" : "POST", ask ?? act, how);
  }

  // The story that has the focus, else what is chosen, else the row with the focus, else the open story.
  subjects() {
    const here = document.activeElement?.closest("[data-callback]")?.dataset.callback;
    const story = this.querySelector("#story");
    if (here && story.contains(document.activeElement)) return [here];
    if (this.chosen.size) return this.chosenInOrder;
    const open = here ?? story?.dataset.callback;
    return open ? [open] : [];
  }

  // ---- Keys

  key(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (typing(event.target) || document.querySelector("dialog[open], :popover-open")) return;
    const key = event.key.toLowerCase();
    const button = !event.repeat && this.menu.querySelector(`[data-key="${CSS.escape(key)}"]`);
    const row = event.target.closest("tbody [data-callback]");
    if (key === "j" || key === "k") this.step(key === "j" ? 1 : -1);
    else if (key === "x" && row) row.querySelector(".row-check").click();
    else if (key === "enter" && event.target.matches(".row-check")) row.querySelector("a").click();
    else if (key === "escape") this.escape();
    else if (button) this.act(button, this.subjects());
    else return;
    event.preventDefault();
  }

  step(by) {
    const { rows } = this;
    const here = document.activeElement?.closest("tbody [data-callback]") ?? this.querySelector('tbody [aria-current="true"]');
    const at = rows.indexOf(here);
    this.focusRow(rows[Math.max(0, Math.min(rows.length - 1, at + by))]);
  }

  focusRow(row) {
    (row?.querySelector("a") ?? this.querySelector("#queue-title") ?? this.querySelector("#story-name"))?.focus();
  }

  escape() {
    const inStory = this.querySelector("#story")?.contains(document.activeElement);
    if (inStory && this.closeStory()) return;
    if (this.chosen.size) this.clear();
    else if (this.querySelector("#report").childElementCount) this.dismiss();
    else this.closeStory();
  }

  dismiss() {
    const report = this.querySelector("#report");
    const inside = report.contains(document.activeElement);
    report.replaceChildren();
    if (inside) this.focusRow(this.rows[0]);
  }

  closeStory() {
    const story = this.querySelector("#story");
    const empty = this.querySelector("#no-story");
    if (!empty || !story.dataset.callback) return false;
    const inside = story.contains(document.activeElement);
    const row = this.querySelector(`#row-${story.dataset.callback}`);
    story.replaceWith(empty.content.cloneNode(true));
    this.mark();
    if (inside) this.focusRow(row ?? this.rows[0]);
    return true;
  }

  mark() {
    const open = this.querySelector("#story")?.dataset.callback;
    for (const row of this.rows) {
      if (row.dataset.callback === open) row.setAttribute("aria-current", "true");
      else row.removeAttribute("aria-current");
    }
  }

  after(event) {
    const { id } = event.detail.target;
    if (id === "report") this.reported();
    else if (id === "ask" || id.startsWith("ask-")) this.asked(id);
  }

  asked(id) {
    const form = id === "ask" ? this.ask : this.querySelector(`#${id}`);
    if (id === "ask" && !this.ask.open) {
      const from = document.activeElement;
      this.from = { id: from?.id, index: this.rows.indexOf(from?.closest("tbody [data-callback]")) };
      this.ask.showModal();
    }
    const first = form.querySelector("[aria-invalid=true]") ?? (id === "ask" ? form.querySelector(".ask-fields :is(select, input)") : null);
    first?.focus();
  }

  // The browser gives the focus back, but not to what was drawn anew meanwhile.
  goBack() {
    const here = document.activeElement;
    if (!this.from || (here !== document.body && !this.ask.contains(here))) return;
    const same = this.from.id && document.getElementById(this.from.id);
    if (same) same.focus();
    else this.focusRow(this.rows[Math.min(this.from.index, this.rows.length - 1)]);
  }

  reported() {
    const report = this.querySelector("#report");
    if (report.querySelector(".job")) {
      this.chosen.clear();
      this.everything = false;
    }
    for (const line of report.querySelectorAll("li[data-done]")) this.chosen.delete(line.dataset.callback);
    const inBar = this.querySelector(".bulk-bar")?.contains(document.activeElement);
    const first = this.querySelector("tbody tr:has(.row-check:checked)");
    this.ask.close();
    for (const details of this.querySelectorAll("#story details[data-asks][open]")) details.open = false;
    this.count();
    if (inBar && !this.chosen.size) this.focusRow(first);
    this.say(report.querySelector("[data-said]").dataset.said);
    this.redraw.payOwed();
  }

  // Said anew even when it is the same sentence.
  say(text) {
    const region = document.querySelector('[data-region="status"]');
    region.textContent = "";
    setTimeout(() => (region.textContent = text), 50);
  }
}

customElements.define("rb-queue", Queue);
