"use strict";

/* Hotkeys, and the window that lists them. */
const keys = {
  bindings: [
    { keys: ["ArrowLeft"], shown: "← →", does: "previous, next head", act: () => selection.move(-1, 0) },
    { keys: ["ArrowRight"], act: () => selection.move(1, 0) },
    { keys: ["ArrowUp"], shown: "↑ ↓", does: "layer before, layer after", act: () => selection.move(0, -1) },
    { keys: ["ArrowDown"], act: () => selection.move(0, 1) },
    { keys: ["c"], shown: "c", does: "colour the map by the next quantity", act: () => keys.nextColour() },
    { keys: ["l"], shown: "l", does: "show the next length", act: () => keys.nextLength() },
    { keys: ["/"], shown: "/", does: "filter the table of heads", act: () => document.querySelector("#table input").focus() },
    { keys: ["0"], shown: "0", does: "show everything as at first", act: () => keys.reset() },
    { keys: ["Escape"], shown: "Esc", does: "close, select nothing", act: () => selection.change({ head: null }) },
    { keys: ["d"], shown: "d", does: "dark or light", act: () => theme.toggle() },
    { keys: ["?"], shown: "?", does: "this list", act: () => keys.help().showModal() },
  ],

  nextColour() {
    const names = Object.keys(metrics);
    const at = names.indexOf(selection.current().colour);
    selection.change({ colour: names[(at + 1) % names.length] });
  },

  nextLength() {
    const lengths = report.data.view.lengths.map((length) => length.lengthTokens);
    const at = lengths.indexOf(selection.current().length);
    selection.change({ length: lengths[(at + 1) % lengths.length] });
  },

  reset() {
    const lengths = report.data.view.lengths;
    selection.change({
      head: null, colour: "density", kind: null, length: lengths[lengths.length - 1].lengthTokens, point: null,
    });
  },

  help() {
    const open = document.getElementById("help");
    if (open) {
      return open;
    }
    const help = dom.element("dialog", { id: "help" },
      dom.element("h2", {}, "Keys"),
      dom.element("dl", {}, ...keys.bindings.filter((binding) => binding.shown).flatMap((binding) => [
        dom.element("dt", {}, dom.element("kbd", {}, binding.shown)),
        dom.element("dd", {}, binding.does),
      ])),
      dom.element("p.note", {}, "A link to this page keeps the head, the colour and the length."),
      dom.element("form", { method: "dialog" }, dom.element("button", { type: "submit" }, "Close")));
    document.body.append(help);
    return help;
  },

  /** Arrows scroll the page until a head is selected or the map has the focus. */
  isFor(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) {
      return false;
    }
    if (event.target.closest("input, select, textarea")) {
      return false;
    }
    if (event.key.startsWith("Arrow")) {
      const onMap = event.target.closest("[role=grid]") !== null;
      const onTable = event.target.closest(".scroll") !== null;
      return onMap || (selection.current().head !== null && !onTable);
    }
    return true;
  },

  press(event) {
    const binding = keys.bindings.find((candidate) => candidate.keys.includes(event.key));
    if (binding && keys.isFor(event)) {
      event.preventDefault();
      binding.act();
    }
  },
};

addEventListener("keydown", keys.press);
