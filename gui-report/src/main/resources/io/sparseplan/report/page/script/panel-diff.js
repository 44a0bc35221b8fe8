"use strict";

/* What this plan would change of the one it replaces. */
report.panel({
  id: "diff",

  draw(section, { view: { diff } }) {
    if (!diff) {
      section.append(dom.element("p.note", {},
        "No baseline was given. To compare with the plan that this one would replace: ",
        dom.element("code", {}, "sparseplan report PLAN --baseline OLD_PLAN")));
      return;
    }
    section.append(
      dom.element("p.sentence", {}, diff.sentence),
      ...diff.notes.map((note) => dom.element("p.remark.care", {}, note)),
      dom.table(diff.figures.columns, diff.figures.rows),
      dom.table(diff.counted.columns, diff.counted.rows));
    if (diff.changed.length > 0) {
      section.append(
        dom.element("h3", {}, "Heads that change"),
        dom.element("p.note", {}, "They have a ring on the map. Select one to see why it runs what it runs."),
        this.heads(diff));
    }
  },

  heads(diff) {
    const table = dom.table(diff.heads.columns, diff.heads.rows);
    table.classList.add("changed-heads");
    [...table.querySelectorAll("tbody tr")].forEach((row, nth) => {
      const { layer, head } = report.data.plan.heads[diff.changed[nth]];
      row.cells[0].replaceChildren(dom.element("a", {
        href: selection.address({ head: { layer, head } }),
      }, row.cells[0].textContent));
    });
    return table;
  },
});
