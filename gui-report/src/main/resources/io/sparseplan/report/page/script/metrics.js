"use strict";

/*
 * The quantities that the map can be coloured by. The basis picks the ramp, so that an estimate and a
 * measurement never share a hue. `of` answers null where nothing was measured.
 */
const metrics = {
  density: {
    name: "density",
    basis: "counted",
    about: "visited tiles ÷ tiles that dense attention visits",
    needs: "--profile PROFILE",
    of: (place) => headPattern(place).density,
    text: format.ratio,
    range: () => [0, 1],
  },
  loss: {
    name: "loss",
    basis: "estimated",
    about: "predicted loss of this head, by square root",
    of: (place) => report.data.plan.heads[place].loss,
    text: format.significant,
    range: (values) => [0, Math.max(...values)],
    curve: Math.sqrt,
  },
  recall: {
    name: "recall",
    basis: "measured",
    about: "share of the softmax weight that the pattern keeps: a proxy, not what the answer needs",
    needs: "--profile PROFILE",
    of: (place) => report.data.view.heads[place].recall,
    text: format.percent,
    range: (values) => [Math.floor(Math.min(...values) * 10) / 10, 1],
  },
  sink: {
    name: "sink mass",
    basis: "measured",
    about: "share of the softmax weight on the first key tile, dense",
    needs: "--profile PROFILE",
    of: (place) => report.data.view.heads[place].sinkMass,
    text: format.percent,
    range: () => [0, 1],
  },
  entropy: {
    name: "entropy",
    basis: "measured",
    about: "of a query's softmax weights, dense, mean over queries",
    needs: "--profile PROFILE",
    of: (place) => report.data.view.heads[place].entropyBits,
    text: (bits) => format.significant(bits) + " bits",
    range: (values) => [0, Math.max(...values)],
  },
  retrieval: {
    name: "retrieval",
    basis: "measured",
    about: "share of answer tokens that the head copies from the prompt, dense; above 0.1 a retrieval head",
    needs: "--profile PROFILE",
    of: (place) => report.data.view.heads[place].retrieval,
    text: format.ratio,
    range: () => [0, 1],
  },
  time: {
    name: "time share",
    basis: "estimated",
    about: "share of the plan's attention time",
    of: (place) => report.data.plan.heads[place].timeShare,
    text: (share) => format.significant(share * 100) + " %",
    range: (values) => [0, Math.max(...values)],
  },
  churn: {
    name: "churn",
    basis: "counted",
    about: "heads that run another pattern than in the baseline",
    needs: "--baseline OLD_PLAN",
    of: (place) => (report.data.view.diff ? Number(report.changed.has(place)) : null),
    text: (changed) => (changed === 1 ? "changes" : "stays"),
    range: () => [0, 1],
  },
};

/* The candidate that a head runs. */
function headPattern(place) {
  return report.data.view.candidates[report.data.view.heads[place].chosen];
}

/* A metric of one head in words. */
function metricText(metric, place) {
  const value = metric.of(place);
  return value === null ? "–" : metric.text(value);
}

/* The shades of a metric between the texts of its ends. */
function metricSteps(metric, [low, high] = metric.range([])) {
  return dom.element("span.scale", {}, metric.text(low),
    dom.element("span.steps", { "data-ramp": metric.basis },
      ...Array.from({ length: 16 }, (_, level) => dom.element("i", { "data-level": level }))),
    metric.text(high));
}

/* A metric over all heads: its values, its range, and the level 0..15 of a value. */
function metricScale(metric) {
  const values = report.data.plan.heads.map((_, place) => metric.of(place));
  const measured = values.filter((value) => value !== null);
  const [low, high] = measured.length > 0 ? metric.range(measured) : [0, 1];
  const curve = metric.curve ?? ((share) => share);
  const share = (value) => (high > low ? Math.min(1, Math.max(0, (value - low) / (high - low))) : 0);
  return { values, low, high, level: (value) => Math.round(15 * curve(share(value))) };
}
