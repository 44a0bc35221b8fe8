"use strict";

/* Where the time of the plan goes: by part, by layer, and block by block in one launch. */
report.panel({
  id: "times",
  layer: null,
  /** Marks the layer that is shown in the drawing of all. */
  mark: () => {},

  draw(section, { plan, view: { times, timesNote } }) {
    section.append(dom.element(times ? "p.note" : "p.note.missing", {}, timesNote));
    if (!times) {
      return;
    }
    const byLayer = dom.element("div");
    const launch = dom.element("div");
    section.append(
      dom.element("ul.advice", {}, ...times.advice.map((sentence) => dom.element("li", {}, sentence))),
      dom.table(times.byPart.columns, times.byPart.rows),
      byLayer, launch);
    let lastHead = null;
    let at = null;
    const show = (layer) => {
      this.layer = layer;
      this.mark();
      dom.redraw(launch, this.launch(plan, times, at, show));
    };
    selection.follow((now) => {
      const found = times.byLength.find((candidate) => candidate.lengthTokens === now.length) ?? times.byLength[times.byLength.length - 1];
      const head = now.head ? now.head.layer : null;
      const layer = head === lastHead ? this.layer : head ?? this.layer;
      lastHead = head;
      if (found !== at) {
        at = found;
        dom.redraw(byLayer, this.byLayer(times, at, show));
        show(layer ?? this.sums(at).indexOf(Math.max(...this.sums(at))));
      } else if (layer !== this.layer) {
        show(layer);
      }
    });
  },

  sums(at) {
    return at.layers.map((layer) => layer.partMicros.reduce((sum, part) => sum + part, 0));
  },

  byLayer(times, at, show) {
    const most = Math.max(...this.sums(at));
    return [
      dom.element("h3", {}, "By layer", dom.basis("estimated")),
      dom.choice("Tokens", times.byLength.map((candidate) => ({
        value: candidate.lengthTokens, name: format.count(candidate.lengthTokens),
      })), at.lengthTokens, (tokens) => selection.change({ length: tokens })),
      this.layers(at, times.parts, show),
      chart.key(...times.parts.map((part, nth) => ["part-" + nth, part])
        .filter((_, nth) => at.layers.some((layer) => layer.partMicros[nth] >= 1e-3 * most))),
    ];
  },

  /** A bar a layer; a click shows its launch. All bars of a part are one path. */
  layers(at, parts, show) {
    const sums = this.sums(at);
    const width = chart.width(1180);
    const row = at.layers.length > 48 ? 7 : at.layers.length > 24 ? 11 : 20;
    const gap = row > 12 ? 3 : 1;
    const left = 34;
    const right = 66;
    const most = Math.max(...sums);
    const every = row < 12 ? 5 : 1;
    const height = at.layers.length * (row + gap);
    const bars = parts.map(() => "");
    const labels = [];
    at.layers.forEach((layer, nth) => {
      const y = nth * (row + gap);
      let x = left;
      layer.partMicros.forEach((micros, part) => {
        const length = ((width - left - right) * micros) / most;
        bars[part] += `M${x.toFixed(2)} ${y}h${length.toFixed(2)}v${row}h${-length.toFixed(2)}z`;
        x += length;
      });
      if (nth % every === 0) {
        labels.push(
          dom.drawing("text.tick.end", { x: left - 7, y: y + row / 2 + 3.5 }, "L" + nth),
          dom.drawing("text.tick.start", { x: x + 6, y: y + row / 2 + 3.5 }, format.micros(sums[nth])));
      }
    });
    const strip = (kind) => dom.drawing("rect." + kind, { x: 0, width, height: row + gap, visibility: "hidden" });
    const [shown, pointed] = [strip("shown"), strip("pointed")];
    const place = (rect, layer) => {
      rect.setAttribute("y", layer * (row + gap) - gap / 2);
      rect.setAttribute("visibility", "visible");
    };
    this.mark = () => place(shown, this.layer);
    const title = dom.drawing("title");
    const layerAt = (event) => {
      const box = drawing.getBoundingClientRect();
      const layer = Math.floor(((event.clientY - box.top) / box.height) * at.layers.length);
      return Math.min(at.layers.length - 1, Math.max(0, layer));
    };
    const drawing = dom.drawing("svg.chart.layers", {
      viewBox: `0 0 ${width} ${height}`, width, role: "img", "aria-label": "Time by layer",
      click: (event) => show(layerAt(event)),
      pointermove: (event) => {
        const nth = layerAt(event);
        place(pointed, nth);
        title.textContent = `layer ${nth}: ${format.micros(sums[nth])}; ` +
          at.layers[nth].partMicros.map((micros, part) => [micros, parts[part]]).filter(([micros]) => micros > 0)
            .map(([micros, part]) => `${part} ${format.micros(micros)}`).join(", ");
      },
      pointerleave: () => pointed.setAttribute("visibility", "hidden"),
    }, title, shown, ...bars.map((path, part) => dom.drawing("path.part-" + part, { d: path })), ...labels, pointed);
    return drawing;
  },

  launch(plan, times, at, show) {
    const sums = this.sums(at);
    const picture = times.pictures[at.layers[this.layer].picture];
    const which = picture.launches === 1 ? "its launch" : `the longest of its ${format.count(picture.launches)} launches`;
    const select = dom.element("select", {
      "aria-label": "Layer",
      change: (event) => {
        show(Number(event.target.value));
        document.querySelector("#times select").focus();
      },
    }, ...sums.map((sum, layer) => dom.element("option", { value: layer, selected: layer === this.layer }, `layer ${layer}, ${format.micros(sum)}`)));
    return [
      dom.element("h3", {}, "On the multiprocessors ", dom.basis("estimated")),
      dom.element("p.note", {}, select, ` ${which} of ${format.count(picture.blocks)} thread blocks on ${format.count(picture.slots)} slots, kernel ${picture.kernel}: ${format.micros(picture.micros)} from the first block to the last.`),
      dom.element("div.timeline", {}, this.busy(picture), this.tail(plan, picture)),
      chart.key(["dense-block", "blocks of dense heads"], ["sparse-block", "blocks of sparse heads"], ["no-block", "slots idle"]),
    ];
  },

  /** How many slots are busy in each stretch of time. */
  busy(picture) {
    const width = chart.width(560);
    const box = { width, height: 250, left: 56, right: 14, top: 26, bottom: 40 };
    const [unit, size] = format.unitOf(picture.micros);
    const x = chart.linear(0, picture.micros / size, box.left, width - box.right);
    const y = chart.linear(0, 1, box.height - box.bottom, box.top);
    const drawing = chart.frame(box, { scale: x, label: "time, " + unit },
      { scale: y, label: "slots busy", tick: (share) => `${Math.round(share * 100)} %` }, "Slots busy over time");
    drawing.append(dom.drawing("text.head", { x: box.left, y: 14 }, "All slots, from start to end"));
    const levels = (digits) => digits.match(/../g).map((pair) => parseInt(pair, 16) / 255);
    const dense = levels(picture.denseBusy);
    const sparse = levels(picture.sparseBusy);
    const step = picture.micros / size / dense.length;
    const area = (kind, from, to) => dom.drawing("path." + kind, {
      d: "M" + dense.map((_, nth) => `${x(nth * step).toFixed(1)} ${y(to[nth]).toFixed(1)}H${x((nth + 1) * step).toFixed(1)}`).join("L")
        + "L" + dense.map((_, nth) => dense.length - 1 - nth)
          .map((nth) => `${x((nth + 1) * step).toFixed(1)} ${y(from[nth]).toFixed(1)}H${x(nth * step).toFixed(1)}`).join("L") + "Z",
    });
    const both = dense.map((share, nth) => Math.min(1, share + sparse[nth]));
    drawing.append(
      dom.drawing("rect.no-block", { x: box.left, y: box.top, width: width - box.left - box.right, height: box.height - box.top - box.bottom }),
      area("dense-block", dense.map(() => 0), dense),
      area("sparse-block", dense, both));
    return drawing;
  },

  /** The last block of each slot: where the tail is. */
  tail(plan, picture) {
    const blocks = [];
    for (let nth = 0; nth < picture.lastBlocks.length; nth += 3) {
      blocks.push(picture.lastBlocks.slice(nth, nth + 3));
    }
    const width = chart.width(560);
    const box = { width, height: 250, left: 56, right: 14, top: 26, bottom: 40 };
    const [unit, size] = format.unitOf(picture.micros);
    const part = picture.micros / size / 10000;
    const first = Math.min(...blocks.map(([, start]) => start)) * part;
    const x = chart.linear(first, picture.micros / size, box.left, width - box.right);
    const y = chart.linear(0, blocks.length, box.top, box.height - box.bottom);
    const drawing = chart.frame(box, { scale: x, label: "time, " + unit }, { scale: y, label: "slot, the last to end first" },
      "The last block of each slot");
    drawing.append(dom.drawing("text.head", { x: box.left, y: 14 }, "The last block of each slot"));
    const high = (box.height - box.top - box.bottom) / blocks.length;
    const bar = high > 3 ? high * 0.92 : high;
    const heads = plan.model.attention.queryHeads;
    const bars = { dense: "", sparse: "" };
    blocks.forEach(([head, start, end], nth) => {
      const length = Math.max(1, x(end * part) - x(start * part)).toFixed(1);
      bars[headPattern(this.layer * heads + head).kind === "dense" ? "dense" : "sparse"] +=
        `M${x(start * part).toFixed(1)} ${y(nth).toFixed(2)}h${length}v${bar.toFixed(2)}h-${length}z`;
    });
    const title = dom.drawing("title");
    const describe = ([head, start, end]) => {
      const place = this.layer * heads + head;
      return `${format.head(plan.heads[place])} ${headPattern(place).label}: ${format.significant(start * part)} to ${format.significant(end * part)} ${unit}`;
    };
    drawing.append(title, ...Object.entries(bars).map(([kind, path]) => dom.drawing(`path.${kind}-block`, { d: path })));
    drawing.addEventListener("pointermove", (event) => {
      const frame = drawing.getBoundingClientRect();
      const nth = Math.floor((((event.clientY - frame.top) / frame.height) * box.height - box.top) / high);
      title.textContent = blocks[nth] ? describe(blocks[nth]) : "";
    });
    return drawing;
  },
});
