"use strict";

/* The home view: one cell a head. Colour says how much, the glyph says which kind of pattern. */
report.panel({
  id: "map",
  cells: [],
  grid: null,
  colour: null,

  draw(section, data) {
    const choice = dom.element("div");
    const legend = dom.element("div.legend");
    const readout = dom.element("div.readout");
    this.grid = this.drawGrid(data, readout);
    section.classList.toggle("follows", data.plan.model.layers <= 12);
    section.append(choice, legend, dom.element("div.scroll.map-scroll", {}, this.grid), readout, this.kinds(data));
    selection.follow((now) => {
      dom.redraw(choice, [dom.choice("Colour by",
        Object.entries(metrics).map(([value, metric]) => ({ value, name: metric.name })),
        now.colour, (colour) => selection.change({ colour }))]);
      if (now.colour !== this.colour) {
        this.colour = now.colour;
        this.paint(metrics[now.colour], legend);
      }
      this.mark(now, readout);
    });
  },

  drawGrid({ plan: { model } }, readout) {
    const headsPerLayer = model.attention.queryHeads;
    const grid = dom.element("div.map", {
      role: "grid",
      "aria-label": "Layers and heads",
      click: (event) => this.pick(event.target.closest(".cell")),
      pointerover: (event) => this.tell(event.target.closest(".cell"), readout),
      pointerleave: () => this.tell(null, readout),
    });
    grid.classList.toggle("fine", headsPerLayer > 40);
    grid.style.setProperty("--heads", headsPerLayer);
    grid.style.setProperty("--layers", model.layers);
    const every = headsPerLayer > 24 ? 8 : headsPerLayer > 12 ? 4 : 1;
    const layersEvery = model.layers > 40 ? 5 : 1;
    grid.append(dom.element("div.row", { role: "row" },
      dom.element("span.corner", { role: "columnheader" }, "layer"),
      ...Array.from({ length: headsPerLayer }, (_, head) =>
        dom.element("span.column", { role: "columnheader" }, head % every === 0 ? "H" + head : ""))));
    for (let layer = 0; layer < model.layers; layer++) {
      const row = dom.element("div.row", { role: "row" },
        dom.element("span.layer", { role: "rowheader" }, layer % layersEvery === 0 ? "L" + layer : ""));
      for (let head = 0; head < headsPerLayer; head++) {
        const place = layer * headsPerLayer + head;
        const cell = dom.element("span.cell", {
          role: "gridcell",
          tabindex: place === 0 ? "0" : "-1",
          "data-kind": headPattern(place).kind,
          "aria-label": this.sentence(place),
        });
        cell.place = place;
        this.cells.push(cell);
        row.append(cell);
      }
      grid.append(row);
    }
    grid.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        this.pick(event.target.closest(".cell"));
      }
    });
    return grid;
  },

  paint(metric, legend) {
    const scale = metricScale(metric);
    if (this.grid.dataset.ramp !== metric.basis) {
      this.grid.dataset.ramp = metric.basis;
    }
    this.cells.forEach((cell, place) => {
      const value = scale.values[place];
      const level = value === null ? "none" : String(scale.level(value));
      if (cell.dataset.level !== level) {
        cell.dataset.level = level;
      }
    });
    legend.replaceChildren(
      metricSteps(metric, [scale.low, scale.high]),
      dom.element("span.about", {}, metric.about, " ", dom.basis(metric.basis)));
  },

  kinds({ view }) {
    const counts = new Map();
    for (let place = 0; place < view.heads.length; place++) {
      const { kind } = headPattern(place);
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
    const notMeasured = view.heads.filter((head) => head.mass.every((map) => map === "")).length;
    const item = (kind, name, count) =>
      dom.element("li", {}, dom.glyph(kind), `${name} ${format.count(count)}`);
    return dom.element("ul.kinds", {},
      item("dense", "dense on purpose", counts.get("dense") ?? 0),
      ...[...counts].filter(([kind]) => kind !== "dense").sort()
        .map(([kind, count]) => item(kind, kind.replaceAll("_", " "), count)),
      item("not_measured", "not measured", notMeasured));
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

  tell(cell, readout) {
    const head = selection.current().head;
    const place = cell ? cell.place : head ? this.placeOf(head) : null;
    readout.replaceChildren(...(place === null
      ? [dom.element("p.note", {}, "Point at a head, or select one.")]
      : this.figures(place)));
  },

  pick(cell) {
    if (cell) {
      const { layer, head } = report.data.plan.heads[cell.place];
      selection.change({ head: { layer, head } });
      document.getElementById("head").scrollIntoView({ block: "nearest" });
    }
  },

  placeOf({ layer, head }) {
    return layer * report.data.plan.model.attention.queryHeads + head;
  },

  mark(now, readout) {
    const before = this.grid.querySelector("[aria-selected]");
    const hadFocus = this.grid.contains(document.activeElement);
    before?.removeAttribute("aria-selected");
    if (now.head) {
      const cell = this.cells[this.placeOf(now.head)];
      this.grid.querySelector("[tabindex='0']").tabIndex = -1;
      cell.tabIndex = 0;
      cell.setAttribute("aria-selected", "true");
      if (hadFocus) {
        cell.focus({ preventScroll: true });
      }
    }
    this.tell(null, readout);
  },
});
