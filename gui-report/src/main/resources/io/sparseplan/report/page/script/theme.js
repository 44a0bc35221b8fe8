"use strict";

/* Light, dark, or as the system says; kept where the browser lets a page keep things. */
const theme = {
  key: "sparseplan-theme",

  apply(name) {
    if (name === "light" || name === "dark") {
      document.documentElement.dataset.theme = name;
    } else {
      delete document.documentElement.dataset.theme;
    }
  },

  isDark() {
    const chosen = document.documentElement.dataset.theme;
    return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  },

  toggle() {
    const next = theme.isDark() ? "light" : "dark";
    theme.apply(next);
    try {
      localStorage.setItem(theme.key, next);
    } catch {
      // A page from a file may not keep anything; the choice then lasts until it is closed.
    }
  },
};

try {
  theme.apply(localStorage.getItem(theme.key));
} catch {
  theme.apply(null);
}
