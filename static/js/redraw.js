// Keeps the queue still under the hand: what others do is told in place and never moves a row; what is
// drawn anew keeps choice, focus and place, and waits while the hand is on it.
import { forgetRelease, onRelease, pressing } from "./press.js";

const PACE = 3000; // news of others are asked for this often at most, and the last of them is never lost
const SUMMARY = 30000;
const NARROW = matchMedia("(width < 80rem)");
const PARTS = ["queue-list", "queue-news", "story"];
const typing = (target) => target.matches("textarea, select, input:not([type=radio], [type=checkbox])");

export class Redraw {
  owed = new Set(); // parts that changed while the hand was on them, or just after they were drawn
  drawnAt = {};
  said = { at: Date.now(), text: "" };

  constructor(queue) {
    this.queue = queue;
    this.said.text = this.tally;
    queue.addEventListener("htmx:beforeRequest", (event) => this.mayAsk(event));
    queue.addEventListener("htmx:beforeSwap", (event) => this.before(event));
    queue.addEventListener("htmx:afterSwap", ({ detail }) => detail.target.id === "queue-list" && this.drawn());
    // Only now it has its own class, without which a drawer is not shown and takes no focus.
    queue.addEventListener("htmx:afterSettle", ({ detail }) => detail.target.id === "story" && this.told(detail.requestConfig.elt));
    queue.addEventListener("htmx:afterRequest", (event) => this.heard(event));
    queue.addEventListener("focusout", () => setTimeout(() => this.payOwed()));
    queue.menu.addEventListener("toggle", () => this.payOwed());
    this.released = () => this.payOwed();
    onRelease(this.released);
  }

  disconnect() {
    forgetRelease(this.released);
  }

  get tally() {
    return this.queue.querySelector("#queue-tally")?.textContent.trim() ?? "";
  }

  busy(id) {
    if (id === "queue-news") return false;
    if (pressing()) return true;
    if (this.queue.menu.matches(":popover-open")) return true;
    const story = id === "story" && this.queue.querySelector("#story");
    if (!story) return false;
    // An answer finds its place only where the form that asked still stands.
    return Boolean(story.querySelector("details[data-asks][open], .htmx-request")) || (story.contains(document.activeElement) && typing(document.activeElement));
  }

  part(event) {
    const { elt } = event.detail;
    return PARTS.includes(elt.id) ? elt.id : "";
  }

  mayAsk(event) {
    const id = this.part(event);
    if (!id) return;
    const news = event.detail.requestConfig.triggeringEvent?.type === "sse:queue";
    const wait = news ? (this.drawnAt[id] ?? 0) + PACE - Date.now() : 0;
    if (wait > 0) setTimeout(() => this.payOwed(), wait);
    else if (!this.busy(id)) {
      this.drawnAt[id] = Date.now();
      return;
    }
    event.preventDefault();
    this.owed.add(id);
  }

  payOwed() {
    for (const id of this.owed) {
      if (this.busy(id)) continue;
      this.owed.delete(id);
      const part = this.queue.querySelector(`#${id}[hx-get]`);
      if (part) htmx.trigger(part, "owed");
    }
  }

  before(event) {
    const { target } = event.detail;
    const id = this.part(event);
    if (id === "queue-news") event.detail.serverResponse = this.stillThere(event.detail.serverResponse);
    if (id && target.id === id && this.busy(id)) {
      event.detail.shouldSwap = false;
      this.owed.add(id);
      return;
    }
    const focused = document.activeElement;
    if (target.id === "queue-list") {
      const row = focused?.closest("tbody [data-callback]");
      const inside = target.contains(focused) || focused?.id === "show-newer";
      this.kept = { scroll: this.queue.querySelector("#rows")?.scrollTop ?? 0, index: this.queue.rows.indexOf(row), inside };
    } else if (target.id === "story") {
      const folds = [...target.querySelectorAll("details[data-folds][open]")].map((one) => one.id);
      this.read = { inside: target.contains(focused), folds, scroll: target.scrollTop, who: target.dataset.callback };
    }
  }

  // News may be about rows that have left the page while they were on their way.
  stillThere(html) {
    const { body } = new DOMParser().parseFromString(html, "text/html");
    for (const part of body.querySelectorAll("[hx-swap-oob][id]")) if (!document.getElementById(part.id)) part.remove();
    return body.innerHTML;
  }

  drawn() {
    this.queue.count();
    this.queue.mark();
    const scroller = this.queue.querySelector("#rows");
    if (scroller) scroller.scrollTop = this.kept.scroll;
    const lost = document.activeElement === document.body || !document.activeElement?.isConnected;
    if (!this.kept.inside || !lost) return;
    const { rows } = this.queue;
    this.queue.focusRow(rows[Math.max(0, Math.min(this.kept.index, rows.length - 1))]);
  }

  told(asker) {
    const story = this.queue.querySelector("#story");
    const same = story.dataset.callback === this.read.who;
    if (same) {
      for (const id of this.read.folds) story.querySelector(`#${id}`)?.setAttribute("open", "");
      story.scrollTop = this.read.scroll;
    }
    this.queue.mark();
    const opened = Boolean(asker.closest("tbody"));
    const lost = this.read.inside && document.activeElement === document.body;
    if (lost || (opened && NARROW.matches)) story.querySelector("#story-name").focus();
    if (opened) this.queue.say(`Story of ${story.querySelector("#story-name").textContent}`);
  }

  // One polite summary, and no more than one each half minute.
  heard(event) {
    const id = this.part(event);
    if (!id) setTimeout(() => this.payOwed()); // what the hand asked for; the parts keep their pace
    if (id !== "queue-news") return;
    const newer = this.queue.querySelector("#show-newer");
    if (newer && !this.queue.rows.length) newer.click(); // nothing that could move
    const text = [this.tally, newer?.dataset.said].filter(Boolean).join(", ");
    if (text === this.said.text || Date.now() < this.said.at + SUMMARY) return;
    this.said = { at: Date.now(), text };
    this.queue.say(text);
  }
}
