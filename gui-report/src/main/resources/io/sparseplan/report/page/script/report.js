"use strict";

/*
 * The page is a function of the data block. Each panel registers here with the id of its section and
 * is drawn once; what depends on the selection redraws itself when the selection changes.
 */
const report = {
  data: null,
  /** The places of the heads that change against the baseline. */
  changed: new Set(),
  panels: [],

  /** @param {{id: string, draw: function(Element, object): void}} panel */
  panel(panel) {
    this.panels.push(panel);
  },

  start() {
    this.data = JSON.parse(document.getElementById("data").textContent);
    this.changed = new Set(this.data.view.diff?.changed);
    document.title = "Sparseplan: " + this.data.plan.model.name;
    for (const panel of this.panels) {
      const section = document.getElementById(panel.id);
      panel.draw(section, this.data);
    }
    document.getElementById("page").hidden = false;
  },
};
