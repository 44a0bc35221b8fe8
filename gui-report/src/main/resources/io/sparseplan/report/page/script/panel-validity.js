"use strict";

/* How far the cost model can be believed: what it was fitted to, and what was measured since. */
report.panel({
  id: "validity",

  draw(section, { plan, view: { validity } }) {
    section.append(dom.element(plan.device.notMeasured ? "p.remark.care" : "p.sentence", {}, validity.sentence));
    if (validity.fit.rows.length > 0) {
      section.append(
        dom.element("h3", {}, plan.device.notMeasured ? "What is left over on the GPU that was measured" : "What is left over where it was fitted"),
        dom.table(validity.fit.columns, validity.fit.rows));
    }
    section.append(dom.element("h3", {}, "Predicted against measured"));
    if (!validity.rows) {
      section.append(dom.element("p.note.missing", {},
        "No measured launches were given to hold the model against, so nothing here was measured since. To do so: ",
        dom.element("code", {}, "sparseplan price --rows ROWS --device TABLE --format json > priced.json, then sparseplan report PLAN --validation priced.json")));
      return;
    }
    const { errors, points, count } = validity.rows;
    section.append(dom.table(errors.columns, errors.rows),
      dom.element("div.timeline", {}, this.scatter(points), this.residuals(points)),
      chart.key(["launch", "launch in the measured range"],
        ...(points.every((point) => point.inRange) ? [] : [["outside", "outside of it"]])),
      ...(points.length < count ? [dom.element("p.note", {}, `${format.count(points.length)} of ${format.count(count)} launches are drawn, evenly chosen.`)] : []));
  },

  box() {
    return { width: chart.width(560), height: 280, left: 58, right: 14, top: 26, bottom: 40 };
  },

  scatter(points) {
    const box = this.box();
    const times = points.flatMap((point) => [point.measuredMillis, point.predictedMillis]);
    const [low, high] = [Math.min(...times) * 0.8, Math.max(...times) * 1.25];
    const x = chart.logarithmic(low, high, box.left, box.width - box.right);
    const y = chart.logarithmic(low, high, box.height - box.bottom, box.top);
    const drawing = chart.frame(box, { scale: x, label: "measured, ms" }, { scale: y, label: "predicted, ms" }, "Predicted against measured time");
    drawing.append(
      dom.drawing("text.head", { x: box.left, y: 14 }, "On the line the prediction is exact"),
      dom.drawing("line.exact", { x1: x(low), y1: y(low), x2: x(high), y2: y(high) }),
      ...points.map((point) => this.mark(point, x(point.measuredMillis), y(point.predictedMillis))));
    return drawing;
  },

  residuals(points) {
    const box = this.box();
    const times = points.map((point) => point.measuredMillis);
    const x = chart.logarithmic(Math.min(...times) * 0.8, Math.max(...times) * 1.25, box.left, box.width - box.right);
    const error = (point) => 100 * (point.predictedMillis / point.measuredMillis - 1);
    const most = Math.max(1, ...points.map((point) => Math.abs(error(point)))) * 1.05;
    const y = chart.linear(-most, most, box.height - box.bottom, box.top);
    const drawing = chart.frame(box, { scale: x, label: "measured, ms" },
      { scale: y, label: "(predicted − measured) ÷ measured", tick: (percent) => `${+percent.toPrecision(3)} %` }, "Residuals by measured time");
    drawing.append(
      dom.drawing("text.head", { x: box.left, y: 14 }, "Residuals by measured time"),
      dom.drawing("line.exact", { x1: box.left, x2: box.width - box.right, y1: y(0), y2: y(0) }),
      ...points.map((point) => this.mark(point, x(point.measuredMillis), y(error(point)))));
    return drawing;
  },

  mark(point, cx, cy) {
    return chart.mark(point.inRange ? "launch" : "outside", cx, cy, 3,
      `predicted ${format.significant(point.predictedMillis)} ms, measured ${format.significant(point.measuredMillis)} ms`);
  },
});
