"use strict";

/*
 * Puts labels beside the marks of a drawing. Each takes the nearest free place around its mark, the
 * right one first; where marks crowd, labels move out and a line leads back.
 */
const labels = {
  height: 13,
  /** Degrees from the right, clockwise. */
  directions: [0, 180, 270, 90, 315, 225, 45, 135],
  distances: [12, 17, 24, 32, 42, 54, 68, 84, 102, 122],

  /**
   * @param {object[]} marks {x, y, text}
   * @param {object[]} taken boxes {left, top, right, bottom} that no label may cover, those of the marks among them
   * @param {object} frame that all must lie within, such a box
   * @returns {object[]} by mark {x, y, box, led}: the middle of the label, and whether a line must lead to it
   */
  place(marks, taken, frame) {
    const boxes = [...taken];
    return marks.map((mark) => {
      const tries = labels.distances.flatMap((distance) => labels.directions.map((direction) => labels.beside(mark, distance, direction)));
      const inside = tries.filter(({ box }) =>
        box.left >= frame.left && box.right <= frame.right && box.top >= frame.top && box.bottom <= frame.bottom);
      const cover = ({ box }) => boxes.reduce((sum, other) => sum + labels.shared(box, other), 0);
      const best = inside.find((place) => cover(place) === 0)
        ?? (inside.length > 0 ? inside : tries).reduce((least, place) => (cover(place) < cover(least) ? place : least));
      boxes.push(best.box);
      return best;
    });
  },

  beside({ x, y, text }, distance, direction) {
    const [wide, high] = [labels.width(text), labels.height];
    const [right, down] = [Math.cos((direction * Math.PI) / 180), Math.sin((direction * Math.PI) / 180)];
    const [cx, cy] = [x + right * (distance + wide / 2 - 4), y + down * distance];
    return {
      x: cx,
      y: cy,
      box: { left: cx - wide / 2, right: cx + wide / 2, top: cy - high / 2, bottom: cy + high / 2 },
      led: distance > 17,
    };
  },

  /** Of text in the size of a drawing. */
  width(text) {
    return 3 + 7.5 * text.length;
  },

  /** The area that two boxes share. */
  shared(one, other) {
    return Math.max(0, Math.min(one.right, other.right) - Math.max(one.left, other.left))
      * Math.max(0, Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top));
  },
};
