"use strict";

/* The home view: one cell a head. Colour says how much, the glyph says which kind of pattern. */
report.panel({
  id: "map",
  /** Where the heads are too small to read their glyphs, the heads around one are shown larger. */
  lens: { cell: 26, gap: 2, layers: 5 },
  heads: null,
  grid: null,
  frame: null,
  legend: null,
  readout: null,
  pointed: null,
  shown: {},
  /** The level of a place in the colours that are shown. */
  level: null,

  draw(section, data) {
    const choice = dom.element("div");
    this.legend = dom.element("div.legend");
    this.readout = dom.element("div.readout");
    this.grid = this.drawGrid(data.plan.model);
    this.frame = dom.element("div.scroll.map-scroll", {}, this.grid);
    const kinds = dom.element("div");
    section.classList.toggle("follows", data.plan.model.layers <= 12);
    section.append(choice, this.legend, this.frame, this.readout, kinds);
    this.size(data.plan.model);
    let marked;
    selection.follow((now) => {
      const repainted = now.colour !== this.shown.colour;
      if (repainted) {
        dom.redraw(choice, [dom.choice("Colour by",
          Object.entries(metrics).map(([value, metric]) => ({ value, name: metric.name })),
          now.colour, (colour) => selection.change({ colour }))]);
        this.paint(now.colour);
      }
      if (now.kind !== this.shown.kind || kinds.childElementCount === 0) {
        dom.redraw(kinds, [this.kinds(data, now.kind)]);
        this.veil(now.kind);
      }
      this.shown = now;
      if (repainted || this.current() !== marked) {
        marked = this.current();
        this.mark();
      }
    });
    addEventListener("resize", () => {
      if (this.size(data.plan.model)) {
        this.paint(this.shown.colour);
        this.veil(this.shown.kind);
        this.mark();
      }
    });
  },

  drawGrid({ layers, attention: { queryHeads } }) {
    return dom.element("div.map", {
      role: "grid",
      tabindex: "0",
      "aria-label": "Layers and heads",
      "aria-rowcount": layers,
      "aria-colcount": queryHeads,
      keydown: (event) => {
        if (event.key === "Enter" || event.key === " ") {
          event.preventDefault();
          this.pick(this.current() ?? 0);
        }
      },
    });
  },

  /**
   * Draws the heads as large as there is room for them.
   *
   * @returns whether that is another size than before
   */
  size({ layers, attention: { queryHeads } }) {
    const width = document.documentElement.clientWidth;
    const least = matchMedia("(pointer: coarse), (max-width: 640px)").matches ? 22 : 10;
    const room = Math.min(576 / queryHeads, 660 / layers, (width - 116) / queryHeads, 48);
    const cell = Math.max(least, Math.floor(room) - 1);
    if (this.heads?.cell === cell) {
      return false;
    }
    this.heads = new HeadMap("counted", { layer: 0, head: 0, layers, heads: queryHeads },
      { cell, gap: cell > 20 ? 3 : 1, labels: true });
    const { drawing } = this.heads;
    drawing.addEventListener("pointermove", (event) => this.point(this.heads.at(event)));
    drawing.addEventListener("pointerleave", () => this.point(null));
    drawing.addEventListener("click", (event) => this.pick(this.heads.at(event)));
    this.grid.replaceChildren(drawing);
    this.heads.outline("changed", report.data.view.diff?.changed ?? [], cell > 20 ? 1 : 0);
    return true;
  },

  paint(colour) {
    const metric = metrics[colour];
    const scale = metricScale(metric);
    this.level = (place) => (scale.values[place] === null ? null : scale.level(scale.values[place]));
    this.heads.paint(metric.basis, this.level, (place) => headPattern(place).kind);
    this.legend.replaceChildren(
      metricSteps(metric, [scale.low, scale.high]),
      dom.element("span.about", {}, metric.about, " ", dom.basis(metric.basis)),
      ...(scale.values.every((value) => value === null) ? [dom.element("span.about", {}, "not measured: it is in ",
        dom.element("code", {}, "sparseplan report PLAN " + metric.needs))] : []));
  },

  /** Covers the heads of other kinds. */
  veil(kind) {
    this.heads.outline("veil", kind === null ? [] : this.heads.places().filter((place) => headPattern(place).kind !== kind), 0.5);
  },

  /** What the glyphs mean, each a switch that leaves only its heads in sight. */
  kinds({ view }, shown) {
    const counts = new Map([["dense", 0]]);
    for (let place = 0; place < view.heads.length; place++) {
      const { kind } = headPattern(place);
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
    const notMeasured = view.heads.filter((head) => head.mass.every((map) => map === "")).length;
    const name = (kind) => (kind === "dense" ? "dense on purpose" : kind.replaceAll("_", " "));
    return dom.element("ul.kinds", {},
      ...[...counts.keys()].sort((a, b) => (b === "dense") - (a === "dense") || a.localeCompare(b, "en")).map((kind) =>
        dom.element("li", {}, dom.element("button.kind", {
          type: "button",
          "aria-pressed": String(kind === shown),
          title: "show these heads alone",
          click: () => selection.change({ kind: kind === shown ? null : kind }),
        }, dom.glyph(kind), `${name(kind)} ${format.count(counts.get(kind))}`))),
      dom.element("li", {}, dom.glyph("not_measured"), `not measured ${format.count(notMeasured)}`));
  },

  sentence(place) {
    const decision = report.data.plan.heads[place];
    const parts = Object.values(metrics).map((metric) => {
      const value = metric.of(place);
      return `${metric.name} ${value === null ? "not measured" : metric.text(value)}`;
    });
    return `${format.head(decision)} ${headPattern(place).label}: ${parts.join(", ")}`;
  },

  figures(place) {
    const candidate = headPattern(place);
    return [
      dom.element("p", {},
        dom.element("b", {}, format.head(report.data.plan.heads[place])), " ", dom.glyph(candidate.kind), candidate.label),
      dom.element("ul", {}, ...Object.values(metrics).map((metric) => {
        const basis = metric.of(place) === null ? "not_measured" : metric.basis;
        return dom.element("li", {}, metric.name, dom.element("b", {}, metricText(metric, place)), dom.basis(basis));
      })),
    ];
  },

  /** The heads around one, large enough to read their glyphs. */
  magnified(place) {
    const { layers, attention: { queryHeads } } = report.data.plan.model;
    const across = Math.min(queryHeads, Math.floor((Math.min(document.documentElement.clientWidth - 52, 700) - 50) / (this.lens.cell + this.lens.gap)));
    const around = (at, count, most) => Math.min(Math.max(0, at - (count >> 1)), Math.max(0, most - count));
    const down = Math.min(layers, this.lens.layers);
    const area = {
      layer: around(Math.floor(place / queryHeads), down, layers),
      head: around(place % queryHeads, across, queryHeads),
      layers: down,
      heads: across,
    };
    const lens = new HeadMap("counted", area, { cell: this.lens.cell, gap: this.lens.gap, labels: true });
    lens.paint(metrics[this.shown.colour].basis, this.level, (at) => headPattern(at).kind);
    lens.outline("pointed", [place], 1);
    return lens.drawing;
  },

  point(place) {
    if (place !== this.pointed) {
      this.pointed = place;
      this.heads.outline("pointed", place === null ? [] : [place], 1);
      this.tell();
    }
  },

  /** Says what the head under the pointer, or the selected one, is. */
  tell() {
    const place = this.pointed ?? this.current();
    const small = this.heads.cell < this.lens.cell - 8;
    this.readout.classList.toggle("with-lens", small);
    this.readout.replaceChildren(...(place === null
      ? [dom.element("p.note", {}, "Point at a head, or select one.")]
      : [...this.figures(place), ...(small ? [this.magnified(place)] : [])]));
  },

  pick(place) {
    if (place !== null) {
      const { layer, head } = report.data.plan.heads[place];
      selection.change({ head: { layer, head } });
      document.getElementById("head").scrollIntoView({ block: "nearest" });
    }
  },

  /** The place of the selected head, or null. */
  current() {
    const { head: id } = selection.current();
    return id === null ? null : id.layer * report.data.plan.model.attention.queryHeads + id.head;
  },

  mark() {
    const place = this.current();
    this.heads.select(place);
    const { layer, head } = report.data.plan.heads[place ?? 0];
    const name = `head-${layer}-${head}`;
    // Only the current cell stands in the document, anew each time, so that it is read out.
    this.grid.querySelector("[role=row]")?.remove();
    this.grid.append(dom.element("div.unseen", { role: "row", "aria-rowindex": layer + 1 },
      dom.element("div.cell", {
        role: "gridcell",
        id: name,
        "aria-colindex": head + 1,
        "aria-selected": String(place !== null),
        "aria-label": this.sentence(place ?? 0),
      })));
    this.grid.setAttribute("aria-activedescendant", name);
    this.tell();
  },
});
