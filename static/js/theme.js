// Light, dark, or as the system says; kept on this machine.
const kept = localStorage.getItem("theme");
if (kept) document.documentElement.dataset.theme = kept;

document.addEventListener("click", ({ target }) => {
  if (!target.closest("[data-theme-toggle]")) return;
  const dark = document.documentElement.dataset.theme
    ? document.documentElement.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = dark ? "light" : "dark";
  localStorage.setItem("theme", document.documentElement.dataset.theme);
});
