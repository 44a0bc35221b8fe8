"use strict";

/*
 * Squares in sixteen shades. All squares of one shade are one path: thousands of them are a few
 * elements, and a browser takes as long to style, lay out and paint as there are elements.
 */
const shades = {
  levels: 16,

  /** A group with an empty path for each level, and one for squares without a value. */
  group(ramp) {
    const levels = [...Array(shades.levels).keys(), "none"];
    return dom.drawing("g.shades", { "data-ramp": ramp },
      ...levels.map((level) => dom.drawing("path", { "data-level": level })),
      dom.drawing("path.hatch"));
  },

  /**
   * Draws the squares in the group's paths.
   *
   * @param {Element} group
   * @param {object[]} squares {x, y, level}, where a level of null is no value
   * @param {number} side
   * @param {number} radius of the corners
   */
  paint(group, squares, side, radius = 0) {
    const shape = shades.square(side, radius);
    const paths = Array.from({ length: shades.levels + 1 }, () => []);
    const hatch = [];
    for (const { x, y, level } of squares) {
      paths[level ?? shades.levels].push(`M${x + radius} ${y}`, shape);
      if (level === null) {
        hatch.push(`M${x} ${y + side}l${side} ${-side}`);
      }
    }
    [...paths, hatch].forEach((path, nth) => group.children[nth].setAttribute("d", path.join("")));
  },

  /** From the left end of its upper edge, round. */
  square(side, radius = 0) {
    const edge = side - 2 * radius;
    const corner = (x, y) => (radius === 0 ? "" : `a${radius} ${radius} 0 0 1 ${x * radius} ${y * radius}`);
    return `h${edge}${corner(1, 1)}v${edge}${corner(-1, 1)}h${-edge}${corner(-1, -1)}v${-edge}${corner(1, -1)}z`;
  },
};
