"use strict";

/* The prompts that made the plan: a mean hides one that disagrees. */
report.panel({
  id: "calibration",
  lane: 34,

  draw(section, { view: { calibration, lengths } }) {
    if (!calibration) {
      section.append(dom.element("p.note.missing", {},
        "What each prompt says is in the profile, which was not given: ",
        dom.element("code", {}, "sparseplan report PLAN --profile PROFILE")));
      return;
    }
    section.append(
      dom.table(calibration.byLength.columns, calibration.byLength.rows),
      dom.element("h3", {}, "Loss that each prompt alone predicts for the plan", dom.basis("estimated")),
      this.dots(calibration.prompts, lengths),
      dom.element("p.note", {}, "A dot a prompt. One far to the right is a kind of prompt that the plan serves worse than its mean loss says. Recall is the attention mass that is kept: a proxy."));
    if (calibration.disputed.rows.length > 0) {
      const table = dom.table(calibration.disputed.columns, calibration.disputed.rows);
      [...table.querySelectorAll("tbody tr")].forEach((row, nth) => {
        const { layer, head } = report.data.plan.heads[calibration.disputedPlaces[nth]];
        row.cells[0].replaceChildren(dom.element("a", { href: selection.address({ head: { layer, head } }) }, row.cells[0].textContent));
      });
      section.append(dom.element("h3", {}, "Heads that prompts agree on least"), table);
    }
  },

  dots(prompts, lengths) {
    const width = chart.width(760);
    const box = { width, height: lengths.length * this.lane + 52, left: 56, right: 16, top: 6, bottom: 40 };
    const x = chart.linear(0, Math.max(...prompts.map((prompt) => prompt.loss)) * 1.04 || 1, box.left, width - box.right);
    const none = Object.assign(() => 0, { ticks: [] });
    const drawing = chart.frame(box, { scale: x, label: "predicted loss of the plan" }, { scale: none, label: "tokens" }, "Loss by prompt");
    lengths.forEach((length, row) => {
      const middle = box.top + (row + 0.5) * this.lane;
      drawing.append(dom.drawing("text.tick.end", { x: box.left - 7, y: middle + 3.5 }, format.count(length.lengthTokens)));
      prompts.filter((prompt) => prompt.lengthTokens === length.lengthTokens).forEach((prompt, nth) => {
        drawing.append(chart.mark("prompt", x(prompt.loss), middle + recallDots.spread[nth % recallDots.spread.length] * 1.6, 4,
          `prompt ${prompt.prompt}, ${format.count(prompt.lengthTokens)} tokens: loss ${format.significant(prompt.loss)}, recall ${format.percent(prompt.recall)}`));
      });
    });
    return drawing;
  },
});
