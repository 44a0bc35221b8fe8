"use strict";

/* One head: where its attention went, what the pattern keeps of it, what else was considered, why. */
report.panel({
  id: "head",
  preview: null,
  last: "",
  redrawn: "",

  draw(section, data) {
    const body = dom.element("div");
    section.querySelector("h2").remove();
    section.append(body);
    selection.follow((now) => {
      const id = now.head ? format.head(now.head) : "";
      if (id !== this.last) {
        this.preview = null;
        this.last = id;
      }
      const shown = `${id} ${now.length} ${this.preview}`;
      if (shown === this.redrawn) {
        return;
      }
      this.redrawn = shown;
      dom.redraw(body, now.head ? this.detail(data, now) : this.whereToLook(data));
    });
  },

  detail(data, now) {
    const { plan, view } = data;
    const place = now.head.layer * plan.model.attention.queryHeads + now.head.head;
    const decision = plan.heads[place];
    const head = view.heads[place];
    const length = view.lengths.find((candidate) => candidate.lengthTokens === now.length);
    const group = plan.model.attention.queryHeads / plan.model.attention.kvHeads;
    const shown = this.preview ?? head.chosen;
    return [
      dom.element("div.head-title", {},
        dom.element("h2", {}, `Layer ${now.head.layer}, head ${now.head.head}`),
        dom.element("span.tag", {}, dom.glyph(view.candidates[head.chosen].kind), view.candidates[head.chosen].label),
        dom.element("span.note", {}, `key-value head ${Math.floor(now.head.head / group)}`)),
      dom.element("blockquote", {}, decision.why),
      dom.choice("Tokens", view.lengths.map((candidate) => ({
        value: candidate.lengthTokens,
        name: format.count(candidate.lengthTokens),
      })), now.length, (tokens) => selection.change({ length: tokens })),
      this.maps(view, head, shown, length),
      ...(view.profiled ? this.profiled(view, head, shown) : [dom.element("p.note", {},
        "What was measured of this head is in the profile, which was not given: ",
        dom.element("code", {}, "sparseplan report PLAN --profile PROFILE"))]),
      dom.element("h3", {}, "Keep it so"),
      dom.element("p.note", {}, "Give this to the next search to fix this head's pattern:"),
      copy.line(`--pin '${format.head(now.head)}=${view.candidates[shown].label}'`),
    ];
  },

  profiled(view, head, shown) {
    const timed = head.considered.every((considered) => considered.timeMicros !== null);
    return [
      dom.element("h3", {}, "Recall by prompt", dom.basis("measured")),
      recallDots.draw(head, view.lengths),
      dom.element("p.note.key", {},
        dom.element("i.mean"), "mean over rows ", dom.element("i.worst"), "lowest tenth of rows, of the choice at each length"),
      dom.element("h3", {}, "Candidates considered"),
      candidateTable.draw(head, shown, (candidate) => {
        this.preview = candidate === head.chosen ? null : candidate;
        selection.changed();
      }),
      dom.element("p.note", {}, `Those that no candidate beats in both ${timed ? "time" : "density"} and loss; means over the lengths of the workload. ${timed ? "Time is the head's part of the attention time of all lengths together, if every slot stays busy. " : ""}Select one to see what it visits.`),
    ];
  },

  maps(view, head, shown, length) {
    const at = view.lengths.indexOf(length);
    const candidate = view.candidates[shown];
    const visited = cellMap.levels(candidate.tiles[at], length);
    const mass = cellMap.levels(head.mass[at], length);
    const readout = dom.element("p.readout", {});
    const caption = (text, basis) => dom.element("figcaption", {}, text, basis);
    const left = mass === null
      ? dom.element("div.cells.not-measured", {}, "not measured")
      : cellMap.draw("measured", mass, visited ?? [], (query, key) =>
        `${cellMap.place(length, query, key)}: about ${format.percent((mass[query][key] / 15) ** 2)} of the rows' weight`, readout);
    const right = visited === null
      ? dom.element("div.cells.not-measured", {}, "chosen anew for each prompt")
      : cellMap.draw("mask", visited, visited, (query, key) =>
        `${cellMap.place(length, query, key)}: ${visited[query][key] === 15 ? "visited" : visited[query][key] === 0 ? "skipped" : "visited in part"}`, readout);
    const prompts = length.prompts.length === 0 ? "no profile" : length.prompts.length === 1 ? "one prompt" : `mean of ${format.count(length.prompts.length)} prompts`;
    return dom.element("div", {},
      dom.element("div.maps", {},
        dom.element("figure", {}, caption(`Attention mass, ${prompts}`, dom.basis("measured")), left),
        dom.element("figure", {}, caption(
          shown === head.chosen ? `Tiles visited, ${candidate.label}` : `Not chosen: ${candidate.label}`, dom.basis("counted")), right)),
      readout,
      dom.element("p.note", {},
        "Queries run down, keys run right; shade by the square root of the weight. The line is the edge of what is visited. Attention mass is a proxy: it shows where weight goes, not what the answer needs."));
  },

  whereToLook({ plan, view }) {
    const costliest = plan.heads.map((decision, place) => ({ decision, place }))
      .sort((a, b) => b.decision.loss - a.decision.loss || a.place - b.place)
      .slice(0, 8);
    return [
      dom.element("h2", {}, "Where to look first"),
      dom.element("p.note", {}, "No head is selected. These lose most, by the prediction. Select one here or on the map."),
      dom.element("div.scroll", {}, dom.element("table", {},
        dom.element("thead", {}, dom.element("tr", {},
          dom.element("th", { scope: "col" }, "head"),
          dom.element("th", { scope: "col" }, "pattern"),
          dom.element("th", { scope: "col" }, "loss", dom.basis("estimated")),
          dom.element("th", { scope: "col" }, "recall", dom.basis("measured")))),
        dom.element("tbody", {}, ...costliest.map(({ decision, place }) =>
          dom.element("tr", {},
            dom.element("td", {}, dom.element("a", {
              href: selection.address({ head: { layer: decision.layer, head: decision.head } }),
            }, format.head(decision))),
            dom.element("td", {}, headPattern(place).label),
            dom.element("td", {}, format.significant(decision.loss)),
            dom.element("td", {}, metricText(metrics.recall, place))))))),
    ];
  },
});
