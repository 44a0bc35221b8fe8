"use strict";

/*
 * Heads as squares, layers down and heads right. Which head is under the pointer follows from where
 * it is: no head has an element of its own.
 */
class HeadMap {
  /** Shades from this level on are far from the card's colour, so that glyphs turn. */
  static turn = 8;
  /** In a smaller cell, in pixels, a glyph is a speck: there colour stands alone. */
  static least = 10;

  /**
   * @param {string} ramp basis of the colours
   * @param {object} area of the model that is shown: {layer, head, layers, heads}, the first ones and how many
   * @param {object} size {cell, gap} in CSS pixels; with labels, `labels` is true
   */
  constructor(ramp, area, { cell, gap, labels = false }) {
    this.area = area;
    this.cell = cell;
    this.pitch = cell + gap;
    this.radius = cell >= 20 ? Math.round(cell / 10) : 0;
    this.left = labels ? 38 : 4;
    this.top = labels ? 20 : 4;
    const width = this.left + area.heads * this.pitch - gap + 4;
    const height = this.top + area.layers * this.pitch - gap + 4;
    this.glyph = Math.round(cell * (cell < 14 ? 0.6 : 0.4));
    this.shapes = new Map();
    const inset = (cell - this.glyph) / 2;
    this.squares = this.places().map((place) => {
      const { x, y } = this.corner(place);
      return { place, x, y, glyph: `M${x + inset} ${y + inset}` };
    });
    this.shades = shades.group(ramp);
    this.glyphs = ["0", String(shades.levels - 1), "none"].map((level) => dom.drawing("path.glyphs", { "data-level": level }));
    this.overlays = Object.fromEntries(["veil", "changed", "pointed", "halo", "selected"]
      .map((name) => [name, dom.drawing("path." + name)]));
    this.drawing = dom.drawing(cell < 14 ? "svg.heads.fine" : "svg.heads", { viewBox: `0 0 ${width} ${height}`, width, height, "aria-hidden": "true" },
      ...(labels ? this.labels() : []), this.shades, ...this.glyphs, ...Object.values(this.overlays));
  }

  /** Names as many columns and rows as have room for it. */
  labels() {
    const { layer, head, layers, heads } = this.area;
    const named = (first, count, steps, room) => {
      const step = steps.find((size) => size * this.pitch >= room) ?? steps[steps.length - 1];
      return Array.from({ length: count }, (_, nth) => nth).filter((nth) => (first + nth) % step === 0);
    };
    return [
      ...named(head, heads, [1, 2, 4, 8, 16], 30).map((nth) => dom.drawing("text.column",
        { x: this.left + nth * this.pitch + this.cell / 2, y: this.top - 7 }, `H${head + nth}`)),
      ...named(layer, layers, [1, 2, 5, 10], 13).map((nth) => dom.drawing("text.layer",
        { x: this.left - 8, y: this.top + nth * this.pitch + this.cell / 2 + 4 }, `L${layer + nth}`)),
    ];
  }

  /** The places of the heads that are shown, in layer-major order. */
  places() {
    const { layer, head, layers, heads } = this.area;
    const across = report.data.plan.model.attention.queryHeads;
    return Array.from({ length: layers * heads }, (_, nth) =>
      (layer + Math.floor(nth / heads)) * across + head + (nth % heads));
  }

  /** The upper left corner of a head, or null where it is not shown. */
  corner(place) {
    const across = report.data.plan.model.attention.queryHeads;
    const row = Math.floor(place / across) - this.area.layer;
    const column = (place % across) - this.area.head;
    return row < 0 || row >= this.area.layers || column < 0 || column >= this.area.heads
      ? null
      : { x: this.left + column * this.pitch, y: this.top + row * this.pitch };
  }

  /** The place of the head under the pointer, or null. */
  at(event) {
    const box = this.drawing.getBoundingClientRect();
    const scale = this.drawing.viewBox.baseVal.width / box.width;
    const column = Math.floor(((event.clientX - box.left) * scale - this.left) / this.pitch);
    const row = Math.floor(((event.clientY - box.top) * scale - this.top) / this.pitch);
    return row < 0 || row >= this.area.layers || column < 0 || column >= this.area.heads
      ? null
      : (this.area.layer + row) * report.data.plan.model.attention.queryHeads + this.area.head + column;
  }

  /**
   * Colours the heads.
   *
   * @param {string} ramp basis of the colours
   * @param {function(number): number} level of a place, 0..15, or null
   * @param {function(number): string} kind of pattern at a place
   */
  paint(ramp, level, kind) {
    const marks = this.glyphs.map(() => []);
    const squares = this.squares.map((square) => {
      const at = level(square.place);
      const tone = at === null ? 2 : at >= HeadMap.turn ? 1 : 0;
      if (this.cell >= HeadMap.least) {
        marks[tone].push(square.glyph + this.shape(kind(square.place)));
      }
      return { x: square.x, y: square.y, level: at };
    });
    this.shades.dataset.ramp = ramp;
    shades.paint(this.shades, squares, this.cell, this.radius);
    marks.forEach((path, tone) => this.glyphs[tone].setAttribute("d", path.join("")));
  }

  shape(kind) {
    if (!this.shapes.has(kind)) {
      this.shapes.set(kind, glyphs.shape(kind, this.glyph));
    }
    return this.shapes.get(kind);
  }

  /** Draws a square around, or over, each of these heads, `grow` pixels larger on each side. */
  outline(name, places, grow = 0) {
    const shape = shades.square(this.cell + 2 * grow);
    this.overlays[name].setAttribute("d", places.map((place) => this.corner(place)).filter((corner) => corner !== null)
      .map(({ x, y }) => `M${x - grow} ${y - grow}${shape}`).join(""));
  }

  select(place) {
    const places = place === null ? [] : [place];
    this.outline("halo", places, 1);
    this.outline("selected", places, 3);
  }
}
