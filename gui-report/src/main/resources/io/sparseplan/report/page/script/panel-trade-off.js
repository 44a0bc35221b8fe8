"use strict";

/* The plan among others: time against loss, with the limits of the goal. */
report.panel({
  id: "trade-off",
  letters: "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
  /** The points of the curve. */
  picks: [],

  draw(section, { view: { tradeOff } }) {
    const at = dom.element("div");
    section.append(at,
      chart.key(["plan", "this plan"],
        ...(tradeOff.swept ? [["curve", "curve"]] : []),
        ["bound", "proven least loss"],
        ...(tradeOff.compared ? [["baseline", "baseline, by letter"]] : []),
        ["within", "within the limits"]));
    at.append(this.picture(tradeOff));
    selection.follow(({ point }) => this.picks.forEach((circle, nth) => {
      circle.classList.toggle("picked", nth === point);
      circle.setAttribute("r", nth === point ? 7 : 4.5);
    }));
    if (tradeOff.swept) {
      section.append(dom.element("h3", {}, "The curve"), dom.table(tradeOff.curve.columns, tradeOff.curve.rows));
    }
    if (tradeOff.compared) {
      this.baselines(section, tradeOff);
    }
    const missing = [
      ...(tradeOff.swept ? [] : [["No curve was given. To see what other limits on the time would cost: ",
        "sparseplan search PROFILE --pareto 12 -o curve.json, then sparseplan report PLAN --curve curve.json"]]),
      ...(tradeOff.compared ? [] : [["No baselines were given. To see what peers would choose: ",
        "sparseplan compare PROFILE --max-time R -o compare.json, then sparseplan report PLAN --compare compare.json"]]),
    ];
    section.append(...missing.map(([text, command]) =>
      dom.element("p.note.missing", {}, text, dom.element("code", {}, command))));
  },

  picture(tradeOff) {
    const width = chart.width(760);
    const box = { width, height: 340, left: 64, right: 16, top: 22, bottom: 44 };
    const losses = tradeOff.points.flatMap((point) => [point.loss, ...(point.lossBound === null ? [] : [point.lossBound])])
      .filter((loss) => loss > 0);
    const lossLimits = tradeOff.limits.filter((line) => line.axis === "loss").map((line) => line.at);
    const zero = tradeOff.points.some((point) => point.loss <= 0 || (point.lossBound ?? 1) <= 0);
    const bottom = losses.length > 0 ? Math.min(...losses) / (zero ? 8 : 1.8) : 0.1;
    const top = losses.length > 0 ? Math.max(...losses, ...lossLimits) * 1.8 : 1;
    const widest = Math.max(1, ...tradeOff.points.map((point) => point.timeRatio));
    const x = chart.linear(0, widest * 1.04, box.left, width - box.right);
    const y = chart.logarithmic(bottom, top, box.height - box.bottom, box.top, zero);
    const drawing = chart.frame(box,
      { scale: x, label: `attention time ÷ ${tradeOff.dense}, estimated` },
      { scale: y, label: "predicted loss, estimated" },
      "Loss against time");
    this.limits(tradeOff, drawing, box, x, y);
    const curve = tradeOff.points.filter((point) => point.kind === "curve");
    const bounded = curve.length > 0 ? curve : tradeOff.points.slice(0, 1);
    const bounds = bounded.filter((point) => point.lossBound !== null);
    if (curve.length > 0) {
      drawing.append(
        chart.line("bound", bounds.map((point) => [x(point.timeRatio), y(point.lossBound)])),
        chart.line("curve", curve.map((point) => [x(point.timeRatio), y(point.loss)])));
    }
    drawing.append(...bounds.map((point) =>
      dom.drawing("path.bound", { d: `M${x(point.timeRatio)} ${y(point.lossBound)}m-5 5h10l-5 -8z` },
        dom.drawing("title", {}, `${point.label}: no plan within its limits loses less than ${format.significant(point.lossBound)}`))));
    this.picks = curve.map((point, nth) => chart.mark("curve", x(point.timeRatio), y(point.loss), 4.5, this.title(point),
      { click: () => selection.change({ point: nth }) }));
    drawing.append(...this.picks);
    this.letter(tradeOff, drawing, box, x, y);
    const plan = tradeOff.points[0];
    drawing.append(dom.drawing("path.plan", { d: `M${x(plan.timeRatio)} ${y(plan.loss)}m0 -7l7 7l-7 7l-7 -7z` },
      dom.drawing("title", {}, this.title(plan))));
    return drawing;
  },

  title(point) {
    return `${point.label}: ${format.ratio(point.timeRatio)} of ${report.data.view.tradeOff.dense}, predicted loss ${format.significant(point.loss)}`;
  },

  /** Marks the baselines. Those in one place share a mark and stand in one label. */
  letter(tradeOff, drawing, box, x, y) {
    const marks = [];
    tradeOff.points.filter((point) => point.kind === "baseline").forEach((point, nth) => {
      const name = this.letters[nth % this.letters.length];
      const [cx, cy] = [x(point.timeRatio), y(point.loss)];
      const there = marks.find((mark) => Math.hypot(mark.x - cx, mark.y - cy) < 3);
      if (there) {
        there.text += " " + name;
        there.title += `; ${name} ${this.title(point)}`;
      } else {
        marks.push({ x: cx, y: cy, text: name, title: `${name} ${this.title(point)}` });
      }
    });
    const around = (point, reach) => {
      const [cx, cy] = [x(point.timeRatio), y(point.loss)];
      return { left: cx - reach, right: cx + reach, top: cy - reach, bottom: cy + reach };
    };
    const places = labels.place(marks,
      tradeOff.points.map((point) => around(point, point.kind === "baseline" ? 5 : 7)),
      { left: box.left + 1, right: box.width - box.right, top: box.top + 1, bottom: box.height - box.bottom - 1 });
    marks.forEach((mark, nth) => {
      const at = places[nth];
      drawing.append(
        ...(at.led ? [dom.drawing("line.lead", { x1: mark.x, y1: mark.y, x2: at.x, y2: at.y })] : []),
        dom.drawing("rect.baseline", { x: mark.x - 4, y: mark.y - 4, width: 8, height: 8 }, dom.drawing("title", {}, mark.title)),
        dom.drawing("text.letter", { x: at.x, y: at.y + 4 }, mark.text));
    });
  },

  limits(tradeOff, drawing, box, x, y) {
    const time = Math.min(...tradeOff.limits.filter((line) => line.axis === "time").map((line) => line.at), Infinity);
    const loss = Math.min(...tradeOff.limits.filter((line) => line.axis === "loss").map((line) => line.at), Infinity);
    const right = time === Infinity ? box.width - box.right : x(time);
    const top = loss === Infinity ? box.top : y(loss);
    const bottom = box.height - box.bottom;
    if (tradeOff.limits.length > 0) {
      drawing.append(dom.drawing("rect.within", { x: box.left, y: top, width: Math.max(0, right - box.left), height: Math.max(0, bottom - top) }));
    }
    for (const line of tradeOff.limits) {
      if (line.axis === "time") {
        drawing.append(
          dom.drawing("line.limit", { x1: x(line.at), x2: x(line.at), y1: box.top, y2: bottom }),
          dom.drawing("text.limit", { x: x(line.at), y: box.top - 7 }, line.label));
      } else {
        drawing.append(
          dom.drawing("line.limit", { x1: box.left, x2: box.width - box.right, y1: y(line.at), y2: y(line.at) }),
          dom.drawing("text.limit.end", { x: box.width - box.right, y: y(line.at) - 5 }, line.label));
      }
    }
  },

  baselines(section, tradeOff) {
    const table = dom.table(tradeOff.baselines.columns, tradeOff.baselines.rows.map((row, nth) =>
      [`${this.letters[nth % this.letters.length]}  ${row[0]}`, ...row.slice(1)]));
    section.append(dom.element("h3", {}, "What others would choose for the same goal"), table);
    if (tradeOff.withoutPlan.length > 0) {
      section.append(
        dom.element("p.note", {}, "No plan within the goal:"),
        dom.element("ul.note", {}, ...tradeOff.withoutPlan.map((text) => dom.element("li", {}, text))));
    }
  },
});
