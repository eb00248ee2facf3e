// Single keys press the button that carries data-key, never while the focus is in a field.
// "g r" is a sequence, "ctrl+enter" works everywhere. A just-opened preview ignores keys for 400 ms,
// so that a typed word cannot accept a call. Where single keys are switched off, none of them reaches
// any listener of the page; a command chosen in the palette comes as its key, but from no hand.
const SETTLE = 400;
let prefix = "";
let opened = 0;
let shown = "";

const typing = (target) => target.matches("textarea, select, input:not([type=radio], [type=checkbox])");

const scope = () => [...document.querySelectorAll("dialog[open]")].at(-1) ?? document;

const keyOf = (event) => {
  const key = event.key.toLowerCase();
  return event.ctrlKey || event.metaKey ? `ctrl+${key}` : key;
};

// These stand in a menu that is closed, and act all the same.
const anywhere = (key) => key.includes(" ") || ["ctrl+k", "?"].includes(key);

function press(key) {
  const open = document.querySelector(":popover-open");
  const buttons = [...(open ?? scope()).querySelectorAll(`[data-key="${CSS.escape(key)}"]`)];
  const button = buttons.find((one) => one.checkVisibility() && one.getAttribute("aria-disabled") !== "true");
  const menu = document.querySelector(`.menu [data-key="${CSS.escape(key)}"]`);
  const target = button ?? (anywhere(key) && !document.querySelector("dialog[open]") ? menu : null);
  target?.click();
  if (target?.matches("input")) target.focus();
  return Boolean(target);
}

const silenced = (event) =>
  document.documentElement.dataset.singleKeys === "off" && event.isTrusted && /^\S$/u.test(event.key) && !event.ctrlKey && !event.metaKey && !typing(event.target);

window.addEventListener("keydown", (event) => silenced(event) && event.stopImmediatePropagation(), true);

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.altKey || event.repeat) return;
  const key = keyOf(event);
  const combined = key.startsWith("ctrl+");
  if (!combined && typing(event.target)) return;
  if (!combined && Date.now() - opened < SETTLE) return;
  const sequence = prefix ? `${prefix} ${key}` : key;
  prefix = "";
  if (key === "g" && !combined && !document.querySelector("dialog[open]")) {
    prefix = "g";
    return;
  }
  // A sequence that means nothing is not half of it either.
  if (press(sequence) || sequence !== key) event.preventDefault();
});

document.addEventListener("htmx:afterSwap", () => {
  const offer = document.querySelector("dialog.offer[open]");
  const claim = offer?.querySelector('[data-key="a"]')?.getAttribute("hx-post");
  // The same offer drawn again is not a new one.
  if (claim && claim !== shown) opened = Date.now();
  shown = claim ?? shown;
});
