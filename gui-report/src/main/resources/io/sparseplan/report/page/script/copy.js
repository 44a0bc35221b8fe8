"use strict";

/* A line of text with a button that copies it. */
const copy = {
  line(text) {
    const code = dom.element("code", {}, text);
    const button = dom.element("button", { type: "button" }, "Copy");
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(text);
        button.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(code);
        button.textContent = "Press Ctrl+C";
      }
      setTimeout(() => { button.textContent = "Copy"; }, 2000);
    });
    return dom.element("div.copy", {}, code, button);
  },
};
