"use strict";

/*
 * What the reader looks at, kept in the address, so that a link shows the same:
 * #layer=3&head=5&colour=loss&kind=dense&length=2048&point=2. Every change goes through the address.
 */
const selection = {
  listeners: [],

  /**
   * Calls the listener now and at every change, with {head: {layer, head} or null, colour,
   * kind: of pattern that alone is in sight, or null, length, point: of the curve, or null}.
   */
  follow(listener) {
    this.listeners.push(listener);
    listener(this.current());
  },

  current() {
    const fields = new URLSearchParams(location.hash.slice(1));
    const model = report.data.plan.model;
    const layer = this.index(fields.get("layer"), model.layers);
    const head = this.index(fields.get("head"), model.attention.queryHeads);
    const lengths = report.data.view.lengths.map((length) => length.lengthTokens);
    const length = Number(fields.get("length"));
    const points = report.data.view.tradeOff.points.filter((point) => point.kind === "curve").length;
    const kind = fields.get("kind");
    return {
      head: layer === null || head === null ? null : { layer, head },
      colour: Object.hasOwn(metrics, fields.get("colour") ?? "") ? fields.get("colour") : "density",
      kind: report.data.view.candidates.some((candidate) => candidate.kind === kind) ? kind : null,
      length: lengths.includes(length) ? length : lengths[lengths.length - 1],
      point: this.index(fields.get("point"), points),
    };
  },

  index(text, count) {
    return text !== null && /^[0-9]+$/.test(text) && Number(text) < count ? Number(text) : null;
  },

  /** The address of the current selection with changes. */
  address(changes) {
    const next = { ...this.current(), ...changes };
    const fields = new URLSearchParams();
    if (next.head) {
      fields.set("layer", next.head.layer);
      fields.set("head", next.head.head);
    }
    if (next.colour !== "density") {
      fields.set("colour", next.colour);
    }
    if (next.kind !== null) {
      fields.set("kind", next.kind);
    }
    const lengths = report.data.view.lengths;
    if (next.length !== lengths[lengths.length - 1].lengthTokens) {
      fields.set("length", next.length);
    }
    if (next.point !== null) {
      fields.set("point", next.point);
    }
    return "#" + fields;
  },

  change(changes) {
    location.replace(this.address(changes));
  },

  /** Moves by heads and layers, or to the first head where none is selected. */
  move(heads, layers) {
    const model = report.data.plan.model;
    const from = this.current().head;
    const clamp = (value, count) => Math.min(count - 1, Math.max(0, value));
    this.change({
      head: from === null
        ? { layer: 0, head: 0 }
        : {
          layer: clamp(from.layer + layers, model.layers),
          head: clamp(from.head + heads, model.attention.queryHeads),
        },
    });
  },

  changed() {
    const now = this.current();
    this.listeners.forEach((listener) => listener(now));
  },
};

addEventListener("hashchange", () => selection.changed());
