"use strict";

/* Recall of the choice, a dot a prompt: prompts that disagree would hide in a mean. */
const recallDots = {
  width: 360,
  lane: 30,
  left: 52,
  right: 14,
  /** Prompts of a length lie a little apart, so that equal ones can be counted. */
  spread: [0, 2.5, -2.5, 5, -5],

  draw(head, lengths) {
    const lowest = Math.min(...head.recallPermille, ...head.worstDecilePermille);
    const low = Math.min(900, Math.floor(lowest / 100) * 100);
    const bottom = lengths.length * this.lane + 8;
    const x = (permille) =>
      this.left + ((permille - low) / (1000 - low)) * (this.width - this.left - this.right);
    const drawing = dom.drawing("svg.dots", {
      viewBox: `0 0 ${this.width} ${bottom + 20}`,
      role: "img",
      "aria-label": "Recall by prompt",
    });
    for (let tick = 0; tick <= 4; tick++) {
      const permille = low + ((1000 - low) * tick) / 4;
      drawing.append(
        dom.drawing("line.rule", { x1: x(permille), x2: x(permille), y1: 4, y2: bottom }),
        dom.drawing("text.tick", { x: x(permille), y: bottom + 14 }, `${+(permille / 10).toFixed(1)} %`));
    }
    let prompt = 0;
    lengths.forEach((length, row) => {
      const middle = 4 + (row + 0.5) * this.lane;
      drawing.append(dom.drawing("text.lane", { x: this.left - 10, y: middle + 4 }, format.count(length.lengthTokens)));
      length.prompts.forEach((hash, nth) => {
        const y = middle + this.spread[nth % this.spread.length];
        drawing.append(
          this.dot("worst", x(head.worstDecilePermille[prompt]), y,
            `prompt ${hash}: lowest tenth of rows ${head.worstDecilePermille[prompt] / 10} %`),
          this.dot("mean", x(head.recallPermille[prompt]), y,
            `prompt ${hash}: mean over rows ${head.recallPermille[prompt] / 10} %`));
        prompt++;
      });
    });
    return drawing;
  },

  dot(kind, cx, cy, title) {
    return dom.drawing("circle." + kind, { cx, cy, r: 3.6 }, dom.drawing("title", {}, title));
  },
};
