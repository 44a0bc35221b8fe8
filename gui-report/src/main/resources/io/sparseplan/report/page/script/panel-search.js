"use strict";

/* How the search came to the plan, and how far the plan may be from the best one. */
report.panel({
  id: "search",

  draw(section, { plan: { solver, goal }, view: { search } }) {
    const byTime = goal.aim.kind === "least_time";
    section.append(dom.element("p.sentence", {}, search.sentence, " ", dom.basis("proven")));
    if (solver.trail.length === 0) {
      section.append(dom.element("p.note.missing", {},
        "The plan was chosen in a peer's way, by rule: there are no steps to show. To search: ",
        dom.element("code", {}, "sparseplan search PROFILE --max-time R -o plan.json")));
      return;
    }
    section.append(this.picture(solver.trail, byTime),
      chart.key(["found", "best plan so far"],
        ...(solver.trail.some((step) => step.gap === null) ? [["broken", "not within the goal"]] : []),
        ["bound-line", "bound: no plan is better"]),
      dom.element("details", {}, dom.element("summary", {}, `All ${format.count(solver.trail.length)} steps`),
        dom.table(search.steps.columns, search.steps.rows)));
    if (search.refinement !== null) {
      section.append(dom.element("details", { open: "" },
        dom.element("summary", {}, "Searched again by what the plan was measured to lose"),
        dom.table(search.refinement.columns, search.refinement.rows)));
    }
  },

  picture(trail, byTime) {
    const { dense } = report.data.view.tradeOff;
    const width = chart.width(760);
    const box = { width, height: 260, left: 68, right: 16, top: 12, bottom: 40 };
    const of = (step) => (byTime ? step.timeRatio : step.loss);
    const values = trail.flatMap((step) => [of(step), step.bound]);
    const pad = (Math.max(...values) - Math.min(...values)) * 0.06 || Math.max(...values) * 0.01 || 1;
    const x = chart.linear(0, Math.max(1, trail[trail.length - 1].simulatedLayers), box.left, width - box.right);
    const y = chart.linear(Math.min(...values) - pad, Math.max(...values) + pad, box.height - box.bottom, box.top);
    const drawing = chart.frame(box, { scale: x, label: "layers simulated: the search's clock" },
      { scale: y, label: byTime ? `time ÷ ${dense}, estimated` : "predicted loss, estimated" }, "Best plan and bound over the search");
    const kept = trail.filter((step) => step.gap !== null);
    const stairs = (steps, value) => steps.flatMap((step, nth) => [
      ...(nth > 0 ? [[x(step.simulatedLayers), y(value(steps[nth - 1]))]] : []),
      [x(step.simulatedLayers), y(value(step))],
    ]);
    drawing.append(chart.line("bound", stairs(trail, (step) => step.bound)), chart.line("found", stairs(kept, of)),
      ...trail.map((step) => chart.mark(step.gap === null ? "broken" : "found", x(step.simulatedLayers), y(of(step)), 3.6,
        `${step.stage.replaceAll("_", " ")}: loss ${format.significant(step.loss)}, ${format.ratio(step.timeRatio)} of ${dense}, bound ${format.significant(step.bound)}`
        + (step.gap === null ? ", not within the goal" : `, gap ${format.percent(step.gap)}`))));
    return drawing;
  },
});
