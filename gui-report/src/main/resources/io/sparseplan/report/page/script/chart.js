"use strict";

/* Axes, ticks and scales for the drawings of several panels. Widths are in CSS pixels. */
const chart = {
  /** As wide as the page lets a panel be, so that text in a drawing keeps its size. */
  width(most) {
    const page = Math.min(document.documentElement.clientWidth, 1280);
    return Math.max(260, Math.min(most, page - (page > 640 ? 98 : 54)));
  },

  linear(low, high, from, to) {
    const span = high > low ? high - low : 1;
    const scale = (value) => from + ((value - low) / span) * (to - from);
    const rough = span / (Math.abs(to - from) > 420 ? 6 : 4);
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough);
    scale.ticks = [];
    for (let nth = Math.ceil(low / step - 1e-9); nth * step <= high + 1e-9 * span; nth++) {
      scale.ticks.push(nth * step);
    }
    // As many digits as tell neighbours apart: 0.000395, 0.0004, 0.000405.
    const largest = Math.max(Math.abs(low), Math.abs(high));
    const digits = Math.max(3, 1 + Math.floor(Math.log10(largest / step)) + (step < largest / 100 ? 1 : 0));
    scale.tick = (value) => (Math.abs(value) < step / 2 ? "0" : chart.tick(value, digits));
    return scale;
  },

  /** Values of zero and below lie at the low end, which has a tick of its own if `zero` is true. */
  logarithmic(low, high, from, to, zero = false) {
    const [first, last] = [Math.log10(low), Math.log10(high)];
    const scale = (value) =>
      from + (Math.max(0, Math.log10(Math.max(value, low)) - first) / (last - first || 1)) * (to - from);
    const factors = last - first > 2.2 ? [1] : [1, 2, 5];
    scale.ticks = [];
    for (let power = Math.floor(first); power <= Math.ceil(last); power++) {
      scale.ticks.push(...factors.map((factor) => factor * 10 ** power)
        .filter((tick) => tick >= low * 0.999 && tick <= high * 1.001));
    }
    if (zero) {
      scale.ticks = [0, ...scale.ticks.filter((tick) => Math.abs(scale(tick) - from) > 12)];
    }
    return scale;
  },

  /** A tick without digits that say nothing. */
  tick(value, digits = 3) {
    const rounded = +value.toPrecision(digits);
    const size = Math.abs(rounded);
    if (size !== 0 && (size < 1e-3 || size >= 1e6)) {
      return rounded.toExponential().replace("e+", "e");
    }
    return rounded.toLocaleString("en-US", { maximumFractionDigits: 12 });
  },

  /**
   * A drawing with a frame of ticks.
   *
   * @param {object} box {width, height, left, right, top, bottom} of the drawing
   * @param {object} x {scale, label, tick}; tick writes a value
   * @param {object} y likewise
   */
  frame(box, x, y, label) {
    const drawing = dom.drawing("svg.chart", {
      viewBox: `0 0 ${box.width} ${box.height}`,
      width: box.width,
      role: "img",
      "aria-label": label,
    });
    const bottom = box.height - box.bottom;
    for (const value of x.scale.ticks) {
      drawing.append(
        dom.drawing("line.rule", { x1: x.scale(value), x2: x.scale(value), y1: box.top, y2: bottom }),
        dom.drawing("text.tick", { x: x.scale(value), y: bottom + 15 }, (x.tick ?? x.scale.tick ?? chart.tick)(value)));
    }
    for (const value of y.scale.ticks) {
      drawing.append(
        dom.drawing("line.rule", { x1: box.left, x2: box.width - box.right, y1: y.scale(value), y2: y.scale(value) }),
        dom.drawing("text.tick.end", { x: box.left - 7, y: y.scale(value) + 3.5 }, (y.tick ?? y.scale.tick ?? chart.tick)(value)));
    }
    drawing.append(
      dom.drawing("text.axis", { x: (box.left + box.width - box.right) / 2, y: box.height - 4 }, x.label),
      dom.drawing("text.axis", { x: -(box.top + bottom) / 2, y: 12, transform: "rotate(-90)" }, y.label));
    return drawing;
  },

  line(kind, points) {
    return dom.drawing("polyline." + kind, { points: points.map((point) => point.map((at) => at.toFixed(1)).join(",")).join(" ") });
  },

  mark(kind, cx, cy, radius, title, attributes = {}) {
    return dom.drawing("circle." + kind, { cx, cy, r: radius, ...attributes }, dom.drawing("title", {}, title));
  },

  /** A key to marks: pairs of a class and a word. */
  key(...entries) {
    return dom.element("p.note.chart-key", {}, ...entries.map(([kind, word]) =>
      dom.element("span", {}, dom.element("i." + kind, { "aria-hidden": "true" }), word)));
  },
};
