// The button says what it will do, and one press is enough: the second would only repeat the first.
const form = document.querySelector("form.ask");
const word = form.querySelector("[data-ask]");

function name() {
  const chosen = form.querySelector("[name=slot]:checked");
  const slot = form.querySelector("[name=when][value=slot]")?.checked;
  const time = slot && chosen ? ` at ${chosen.value.slice(11)}` : "";
  word.textContent = `Ask for the call${time}`;
}

form.addEventListener("change", name);
form.addEventListener("submit", (event) => {
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => delete form.dataset.sent);
document.addEventListener("click", ({ target }) => {
  if (target.closest('a[href="#change-zone"]')) document.getElementById("change-zone").open = true;
});
document.querySelector(".error-summary")?.focus();
name();
