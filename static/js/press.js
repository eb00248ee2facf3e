// Whatever is drawn anew between press and release takes the click with it: that waits for the release.
const LET_GO = ["pointerup", "pointercancel", "contextmenu", "dragend", "keyup"];
const waiting = new Set();
let pressed = false;

export const pressing = () => pressed;
export const onRelease = (pay) => waiting.add(pay);
export const forgetRelease = (pay) => waiting.delete(pay);

function release() {
  if (!pressed) return;
  pressed = false;
  for (const pay of waiting) setTimeout(pay); // the click comes first
}

document.addEventListener("pointerdown", () => (pressed = true), true);
document.addEventListener("keydown", ({ key }) => (pressed ||= key === " "), true);
for (const name of LET_GO) document.addEventListener(name, release, true);
window.addEventListener("blur", release);
