"use strict";

/*
 * Square maps of tiles: queries run down, keys run right. The digits hold the visible cells row
 * after row, so a causal map is a triangle.
 */
const cellMap = {
  /** Rows of levels 0..15, or null where nothing was measured. */
  levels(digits, length) {
    if (digits === "") {
      return null;
    }
    const side = length.bandEdgesTokens.length - 1;
    const causal = report.data.plan.layout.visibility === "CAUSAL";
    const rows = [];
    let at = 0;
    for (let query = 0; query < side; query++) {
      const end = at + (causal ? query + 1 : side);
      rows.push(Array.from(digits.slice(at, end), (digit) => parseInt(digit, 16)));
      at = end;
    }
    return rows;
  },

  /**
   * @param {string} ramp basis of the colours
   * @param {number[][]} rows levels
   * @param {number[][]} visited levels of the mask, whose edge is drawn over the map
   * @param {function(number, number): string} describe a cell
   * @param {Element} readout where the description goes
   */
  draw(ramp, rows, visited, describe, readout) {
    const side = rows.length;
    const group = shades.group(ramp);
    shades.paint(group, rows.flatMap((row, y) => row.map((level, x) => ({ x, y, level }))), 1);
    const drawing = dom.drawing("svg.cells", {
      viewBox: `-0.1 -0.1 ${side + 0.2} ${side + 0.2}`,
      role: "img",
      pointermove: (event) => {
        const box = drawing.getBoundingClientRect();
        const band = (from, size) => Math.floor((from / size) * (side + 0.2) - 0.1);
        const [query, key] = [band(event.clientY - box.top, box.height), band(event.clientX - box.left, box.width)];
        readout.textContent = rows[query]?.[key] === undefined ? "" : describe(query, key);
      },
      pointerleave: () => { readout.textContent = ""; },
    }, group, dom.drawing("path.edge", { d: cellMap.edge(visited) }));
    return drawing;
  },

  /** The line between what the mask visits, even in part, and what it does not. */
  edge(visited) {
    const inside = (query, key) => (visited[query]?.[key] ?? 0) > 0;
    let path = "";
    for (let query = 0; query <= visited.length; query++) {
      for (let key = 0; key <= visited.length; key++) {
        if (inside(query, key) !== inside(query - 1, key)) {
          path += `M${key} ${query}h1`;
        }
        if (inside(query, key) !== inside(query, key - 1)) {
          path += `M${key} ${query}v1`;
        }
      }
    }
    return path;
  },

  /** "queries 1,024–1,151 on keys 0–127" */
  place(length, query, key) {
    const range = (band) =>
      `${format.count(length.bandEdgesTokens[band])}–${format.count(length.bandEdgesTokens[band + 1] - 1)}`;
    return `queries ${range(query)} on keys ${range(key)}`;
  },
};
