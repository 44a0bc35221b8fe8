"use strict";

/* What made the plan, and how to make it again. */
report.panel({
  id: "provenance",

  draw(section, { view: { provenance } }) {
    section.append(
      dom.element("div.groups", {}, ...provenance.map((group) =>
        dom.element("div.group", {},
          dom.element("h3", {}, group.title),
          dom.element("dl", {}, ...group.facts.flatMap((fact) => [
            dom.element("dt", {}, fact.name),
            dom.element("dd." + fact.form, {}, this.value(fact)),
          ]))))),
      dom.element("button", { type: "button", click: planFile.download }, "Download plan.json"));
  },

  value(fact) {
    switch (fact.form) {
      case "code": return dom.element("code", {}, fact.value);
      case "command": return copy.line(fact.value);
      default: return fact.value;
    }
  },
});
