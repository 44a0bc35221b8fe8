"use strict";

/* The plans of the curve one by one: a slider moves the limit, the map and the figures follow. */
report.panel({
  id: "explorer",
  cells: [],

  draw(section, { plan, view: { tradeOff } }) {
    const points = tradeOff.points.filter((point) => point.kind === "curve");
    if (points.length === 0) {
      section.append(dom.element("p.note.missing", {},
        "There is nothing to explore without a curve. To search for one, and to see the plan at each of its points: ",
        dom.element("code", {}, "sparseplan search PROFILE --pareto 12 -o curve.json, then sparseplan report PLAN --curve curve.json")));
      return;
    }
    const slider = dom.element("input.slider", {
      type: "range", min: 0, max: points.length - 1, step: 1, "aria-label": "Point of the curve",
      input: (event) => selection.change({ point: Number(event.target.value) }),
    });
    const figures = dom.element("dl.figures-list");
    const caption = dom.element("p.note", { "aria-live": "polite" });
    const command = dom.element("div");
    section.append(
      dom.element("p.note", {}, "Move along the curve from the fastest plan to the one that loses least. Heads with a dashed ring run another pattern than in this page's plan."),
      dom.element("label.slide", {}, dom.element("span", {}, "faster"), slider, dom.element("span", {}, "loses less")),
      dom.element("div.explorer", {}, this.map(plan), dom.element("div", {}, figures, caption)),
      dom.element("p.note", {}, "To take this point:"), command);
    let last = null;
    selection.follow((now) => {
      const at = Math.min(now.point ?? this.nearest(points, tradeOff.points[0]), points.length - 1);
      if (at === last) {
        return;
      }
      last = at;
      const { plan: shown } = points[at];
      slider.value = at;
      slider.setAttribute("aria-valuetext", points[at].label);
      figures.replaceChildren(...shown.figures.flatMap((fact) =>
        [dom.element("dt", {}, fact.name), dom.element("dd", {}, fact.value)]));
      caption.textContent = shown.changed === 0
        ? "Every head runs what it runs in this page's plan."
        : `${format.count(shown.changed)} of ${format.count(plan.heads.length)} heads run another pattern than in this page's plan.`;
      command.replaceChildren(copy.line(`sparseplan search PROFILE --max-time ${shown.figures[0].value.match(/[0-9.]+/)[0]} -o plan.json`));
      this.paint(shown, tradeOff.patterns);
    });
  },

  nearest(points, plan) {
    const distance = (point) => Math.abs(point.timeRatio - plan.timeRatio);
    return points.reduce((best, point, nth) => (distance(point) < distance(points[best]) ? nth : best), 0);
  },

  map({ model }) {
    const heads = model.attention.queryHeads;
    const drawing = dom.drawing("svg.plan-map", {
      viewBox: `0 0 ${heads} ${model.layers}`, "data-ramp": "counted", role: "img",
      "aria-label": "Layers down, heads right, shaded by density",
    });
    drawing.style.setProperty("--heads", heads);
    drawing.style.aspectRatio = `${heads} / ${model.layers}`;
    for (let place = 0; place < heads * model.layers; place++) {
      const cell = dom.drawing("rect", {
        x: (place % heads) + 0.06, y: Math.floor(place / heads) + 0.06, width: 0.88, height: 0.88,
      }, dom.drawing("title"));
      this.cells.push(cell);
      drawing.append(cell);
    }
    return dom.element("figure", {}, drawing,
      dom.element("figcaption.note", {}, "Layers down, heads right, by density ", dom.basis("counted"), metricSteps(metrics.density)));
  },

  paint(shown, patterns) {
    shown.chosen.forEach((chosen, place) => {
      const cell = this.cells[place];
      if (cell.chosen === chosen) {
        return;
      }
      const pattern = patterns[chosen];
      cell.chosen = chosen;
      cell.dataset.level = pattern.density === null ? "none" : Math.round(15 * pattern.density);
      cell.classList.toggle("changed", pattern.label !== headPattern(place).label);
      cell.firstChild.textContent = `${format.head(report.data.plan.heads[place])}: ${pattern.label}`;
    });
  },
});
