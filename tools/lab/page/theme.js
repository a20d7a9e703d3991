// Chooses the theme: dark, light, or the system's.

import { byId } from "./dom.js";

const NEXT = { auto: "dark", dark: "light", light: "auto" };

function show(theme) {
  document.documentElement.dataset.theme = theme;
  const button = byId("theme");
  button.textContent = { auto: "◐ auto", dark: "● dark", light: "○ light" }[theme];
  button.setAttribute("aria-label", `Theme: ${theme}. Change to ${NEXT[theme]}.`);
}

/** Applies the chosen theme and makes the control that changes it. */
export function start() {
  let theme = localStorage.getItem("theme") ?? "auto";
  if (!(theme in NEXT)) theme = "auto";
  show(theme);
  byId("theme").addEventListener("click", () => {
    theme = NEXT[theme];
    localStorage.setItem("theme", theme);
    show(theme);
  });
}
