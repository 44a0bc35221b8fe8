"use strict";

/* What a reviewer must know before believing the figures. */
report.panel({
  id: "warnings",

  draw(section, { view: { warnings } }) {
    section.append(warnings.length === 0
      ? dom.element("p.note", {}, "none")
      : dom.element("ul", {}, ...warnings.map((warning) => dom.element("li", {}, warning))));
  },
});
