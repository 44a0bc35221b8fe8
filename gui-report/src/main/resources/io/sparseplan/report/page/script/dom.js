"use strict";

/*
 * Elements from names and text. Text only ever enters as text, so names from a model cannot become
 * markup.
 */
const dom = {
  /**
   * @param {string} name of the element, with classes: "td.number"
   * @param {object} attributes by name; a function is a listener, true and false switch
   * @param {...(Node|string)} children
   */
  element(name, attributes = {}, ...children) {
    const [tag, ...classes] = name.split(".");
    return dom.furnish(document.createElement(tag), classes, attributes, children);
  },

  /** As element, for drawings. */
  drawing(name, attributes = {}, ...children) {
    const [tag, ...classes] = name.split(".");
    const space = document.getElementById("drawing").content.firstElementChild.namespaceURI;
    return dom.furnish(document.createElementNS(space, tag), classes, attributes, children);
  },

  furnish(element, classes, attributes, children) {
    element.classList.add(...classes);
    for (const [name, value] of Object.entries(attributes)) {
      if (typeof value === "function") {
        element.addEventListener(name, value);
      } else if (value === true) {
        element.setAttribute(name, "");
      } else if (value !== false) {
        element.setAttribute(name, value);
      }
    }
    element.append(...children);
    return element;
  },

  /** A word that says where a figure comes from, in its colour. */
  basis(basis) {
    return dom.element("span.basis.basis-" + basis, {}, basis.replaceAll("_", " "));
  },

  /** In the head of a column, where an input needs no word. */
  basisUnlessGiven(basis) {
    return basis === "given" ? [] : [dom.basis(basis)];
  },

  /** A glyph for a kind of pattern, as on the map. */
  glyph(kind) {
    return dom.element("span.glyph", { "data-kind": kind, "aria-hidden": "true" }, ...(kind === "not_measured" ? []
      : [dom.drawing("svg", { viewBox: "0 0 100 100" }, dom.drawing("path", { d: "M0 0" + glyphs.shape(kind, 100) }))]));
  },

  /** A table of finished text with the basis of each column under its name. */
  table(columns, rows) {
    return dom.element("div.scroll", { tabindex: "0" },
      dom.element("table", {},
        dom.element("thead", {}, dom.element("tr", {}, ...columns.map((column) =>
          dom.element("th", { scope: "col" }, column.name, ...dom.basisUnlessGiven(column.basis))))),
        dom.element("tbody", {}, ...rows.map((row) =>
          dom.element("tr", {}, ...row.map((cell) => dom.element("td", {}, cell)))))));
  },

  /** Replaces the children and leaves the focus on the same button, counted from the start. */
  redraw(parent, children) {
    const at = [...parent.querySelectorAll("button")].indexOf(document.activeElement);
    parent.replaceChildren(...children);
    if (at >= 0) {
      parent.querySelectorAll("button")[at]?.focus({ preventScroll: true });
    }
  },

  /** Buttons of which one is pressed. */
  choice(label, options, chosen, onChoose) {
    return dom.element("div.choice", { role: "group", "aria-label": label },
      dom.element("span.note", { "aria-hidden": "true" }, label),
      ...options.map((option) =>
        dom.element("button", {
          type: "button",
          "aria-pressed": String(option.value === chosen),
          click: () => onChoose(option.value),
        }, option.name)));
  },
};
