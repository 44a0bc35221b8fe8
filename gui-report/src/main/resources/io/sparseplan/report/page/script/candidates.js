"use strict";

/* The candidates that no cheaper one beats, and the choice. A click shows what one would visit. */
const candidateTable = {
  columns: [
    { name: "pattern", basis: "given" },
    { name: "density", basis: "counted" },
    { name: "time", basis: "estimated" },
    { name: "loss", basis: "estimated" },
    { name: "recall", basis: "measured" },
  ],

  draw(head, shown, onShow) {
    const candidates = report.data.view.candidates;
    const row = (considered) => {
      const candidate = candidates[considered.candidate];
      const chosen = considered.candidate === head.chosen;
      return dom.element("tr", { class: chosen ? "chosen" : false },
        dom.element("td", {}, dom.element("button.pattern", {
          type: "button",
          "aria-pressed": String(considered.candidate === shown),
          click: () => onShow(considered.candidate),
        }, dom.glyph(candidate.kind), candidate.label),
        ...(chosen ? [dom.element("span.tag", {}, "chosen")] : [])),
        dom.element("td", {}, candidate.density === null ? "–" : format.ratio(candidate.density)),
        dom.element("td", {}, considered.timeMicros === null ? "–" : format.micros(considered.timeMicros)),
        dom.element("td", {}, format.significant(considered.loss)),
        dom.element("td", {}, format.percent(considered.recall)));
    };
    return dom.element("div.scroll", {},
      dom.element("table.candidates", {},
        dom.element("thead", {}, dom.element("tr", {}, ...this.columns.map((column) =>
          dom.element("th", { scope: "col" }, column.name, ...dom.basisUnlessGiven(column.basis))))),
        dom.element("tbody", {}, ...head.considered.map(row))));
  },
};
