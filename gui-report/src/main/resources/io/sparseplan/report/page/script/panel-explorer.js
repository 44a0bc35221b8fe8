"use strict";

/* The plans of the curve one by one: a slider moves the limit, the map and the figures follow. */
report.panel({
  id: "explorer",
  heads: null,
  shown: null,

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
      figures.replaceChildren(...shown.figures.flatMap((figure) =>
        [dom.element("dt", {}, figure.label), dom.element("dd", {}, figure.value, ...dom.basisUnlessGiven(figure.basis))]));
      caption.textContent = shown.changed === 0
        ? "Every head runs what it runs in this page's plan."
        : `${format.count(shown.changed)} of ${format.count(plan.heads.length)} heads run another pattern than in this page's plan.`;
      command.replaceChildren(copy.line(`sparseplan search PROFILE --max-time ${shown.figures[0].value.match(/[0-9.]+/)[0]} -o plan.json`));
      this.paint(shown);
    });
  },

  nearest(points, plan) {
    const distance = (point) => Math.abs(point.timeRatio - plan.timeRatio);
    return points.reduce((best, point, nth) => (distance(point) < distance(points[best]) ? nth : best), 0);
  },

  map({ model: { layers, attention: { queryHeads } } }) {
    const room = Math.min(520, document.documentElement.clientWidth - 84);
    const cell = Math.max(3, Math.min(22, Math.floor(room / queryHeads) - 1));
    this.heads = new HeadMap("counted", { layer: 0, head: 0, layers, heads: queryHeads }, { cell, gap: cell > 12 ? 2 : 1 });
    const { drawing } = this.heads;
    const readout = dom.element("p.note.pointed-at", {}, "Point at a head.");
    drawing.addEventListener("pointermove", (event) => {
      const place = this.heads.at(event);
      this.heads.outline("pointed", place === null ? [] : [place], 1);
      readout.textContent = place === null ? "" : `${format.head(report.data.plan.heads[place])}: ${this.patternOf(place).label}`;
    });
    drawing.addEventListener("pointerleave", () => this.heads.outline("pointed", []));
    return dom.element("figure", {}, drawing, readout,
      dom.element("figcaption.note", {}, "Layers down, heads right, by density ", dom.basis("counted"), metricSteps(metrics.density)));
  },

  patternOf(place) {
    return report.data.view.tradeOff.patterns[this.shown.chosen[place]];
  },

  paint(shown) {
    this.shown = shown;
    const places = this.heads.places();
    this.heads.paint("counted", (place) => {
      const { density } = this.patternOf(place);
      return density === null ? null : Math.round(15 * density);
    }, (place) => this.patternOf(place).kind);
    this.heads.outline("changed", places.filter((place) => this.patternOf(place).label !== headPattern(place).label));
  },
});
