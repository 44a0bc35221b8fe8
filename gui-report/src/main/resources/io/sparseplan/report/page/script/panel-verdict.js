"use strict";

/* What was decided, what it saves and costs, and whether it keeps to the goal. */
report.panel({
  id: "verdict",

  draw(section, { plan, evaluation, view: { verdict } }) {
    const mark = { pass: "✓", warn: "!", fail: "✕" }[verdict.status];
    section.querySelector("h2").replaceWith(
      dom.element("h1", {}, plan.model.name),
      dom.element("p.status.status-" + verdict.status, {},
        dom.element("span.mark", { "aria-hidden": "true" }, mark), verdict.headline),
      dom.element("p.sentence", {}, verdict.sentence));
    section.append(
      dom.element("div.figures", {},
        ...verdict.figures.map(this.figure),
        dom.element(evaluation?.plan && evaluation.heldOut ? "p.remark" : "p.remark.care", {}, verdict.measuredOn)),
      dom.element("h3", {}, "Limits of the goal"),
      this.limits(verdict.limits),
      dom.element("h3", {}, "By length"),
      dom.table(verdict.byLength.columns, verdict.byLength.rows));
  },

  figure(figure) {
    return dom.element("div.figure.basis-" + figure.basis, {},
      dom.element("p.label", {}, figure.label, dom.basis(figure.basis)),
      dom.element("p.value", {}, figure.value, " ", dom.element("span.unit", {}, figure.unit)),
      ...figure.notes.map((note) => dom.element("p.note", {}, note)));
  },

  limits(limits) {
    const names = ["limit", "expected", "found", "", "all values, by length"];
    return dom.element("div.scroll", { tabindex: "0" },
      dom.element("table.limits", {},
        dom.element("thead", {},
          dom.element("tr", {}, ...names.map((name) => dom.element("th", { scope: "col" }, name)))),
        dom.element("tbody", {}, ...limits.map((limit) =>
          dom.element("tr", {},
            dom.element("td", {}, limit.quantity),
            dom.element("td", {}, limit.expected),
            dom.element("td", {}, limit.found, " ", dom.basis(limit.basis)),
            dom.element("td", {}, limit.kept
              ? dom.element("span.kept", {}, "✓ kept")
              : dom.element("span.missed", {}, "✕ missed")),
            dom.element("td.all", {}, limit.all))))));
  },
});
