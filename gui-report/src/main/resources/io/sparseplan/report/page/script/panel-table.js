"use strict";

/* Every head as a row: sorted by a column, filtered by a regular expression, taken along as a file. */
report.panel({
  id: "table",
  /**
   * A large model has thousands of rows, and laying them all out takes a second. So the table holds
   * the first of them, and gets more when it is scrolled to its end; each is made once.
   */
  rows: [],
  step: 50,
  matching: [],
  chosen: null,
  heads: [],
  body: null,
  count: null,
  order: { column: 0, descending: false },
  filter: "",
  columns: [
    { name: "head", field: "head", basis: "given", of: (place) => place, text: (place) => format.head(report.data.plan.heads[place]) },
    { name: "pattern", field: "pattern", basis: "given", of: (place) => headPattern(place).label, text: (place) => headPattern(place).label },
    ...Object.entries(metrics).map(([field, metric]) => ({
      name: metric.name,
      field,
      basis: metric.basis,
      of: metric.of,
      text: (place) => metricText(metric, place),
    })),
    { name: "why", field: "why", basis: "given", of: (place) => report.data.plan.heads[place].why, text: (place) => report.data.plan.heads[place].why },
  ],

  draw(section, data) {
    this.body = dom.element("tbody", { click: (event) => this.pick(event.target.closest("tr")) });
    this.count = dom.element("span.note", { role: "status" });
    this.heads = this.columns.map((column, nth) => dom.element("th", { scope: "col" },
      dom.element("button.sort", { type: "button", click: () => this.sortBy(nth) }, column.name),
      ...dom.basisUnlessGiven(column.basis)));
    const field = dom.element("input", {
      type: "search",
      "aria-label": "Filter the heads",
      placeholder: "Filter, such as L3\\. or dense",
      input: (event) => {
        this.filter = event.target.value;
        this.fill();
      },
    });
    const frame = dom.element("div.scroll.all-heads", {
      tabindex: "0",
      scroll: () => {
        if (frame.scrollTop + 2 * frame.clientHeight > frame.scrollHeight) {
          this.more(this.step);
        }
      },
    }, dom.element("table", {}, dom.element("thead", {}, dom.element("tr", {}, ...this.heads)), this.body));
    addEventListener("beforeprint", () => this.more(this.matching.length));
    section.append(
      dom.element("div.table-tools", {}, field, this.count,
        dom.element("button", { type: "button", click: () => this.download("csv") }, "Download CSV"),
        dom.element("button", { type: "button", click: () => this.download("json") }, "Download JSON")),
      frame);
    this.fill();
    selection.follow((now) => this.mark(now));
  },

  sortBy(column) {
    const again = this.order.column === column;
    const figures = typeof this.columns[column].of(0) === "number" && column > 0;
    this.order = { column, descending: again ? !this.order.descending : figures };
    this.fill();
  },

  /** The heads that match, in order; those without a value stand last either way. */
  places() {
    const { column, descending } = this.order;
    const of = this.columns[column].of;
    const matches = this.matcher();
    return report.data.plan.heads.map((_, place) => place)
      .filter((place) => this.filter === "" || matches(this.texts(place).join("  ")))
      .sort((a, b) => {
        const [one, other] = [of(a), of(b)];
        if (one === null || other === null) {
          return (one === null) - (other === null) || a - b;
        }
        const compared = typeof one === "string" ? one.localeCompare(other, "en") : one - other;
        return (descending ? -compared : compared) || a - b;
      });
  },

  /** What is no regular expression, such as one that is half typed, is looked for as it stands. */
  matcher() {
    try {
      const expression = new RegExp(this.filter, "i");
      return (text) => expression.test(text);
    } catch {
      const plain = this.filter.toLowerCase();
      return (text) => text.toLowerCase().includes(plain);
    }
  },

  fill() {
    this.matching = this.places();
    this.heads.forEach((head, nth) => {
      head.setAttribute("aria-sort", nth !== this.order.column ? "none" : this.order.descending ? "descending" : "ascending");
    });
    this.body.replaceChildren();
    this.more(this.step);
    this.count.textContent = `${format.count(this.matching.length)} of ${format.count(report.data.plan.heads.length)} heads`;
  },

  more(count) {
    const from = this.body.rows.length;
    this.body.append(...this.matching.slice(from, from + count).map((place) => (this.rows[place] ??= this.row(place))));
  },

  texts(place) {
    return this.columns.map((column) => column.text(place));
  },

  row(place) {
    const row = dom.element("tr", { class: place === this.chosen ? "chosen" : false }, ...this.texts(place).map((text, nth) => nth === 0
      ? dom.element("td", {}, dom.element("button.link", { type: "button" }, text))
      : dom.element("td." + this.columns[nth].field, {}, text)));
    row.place = place;
    return row;
  },

  pick(row) {
    if (row && getSelection().isCollapsed) {
      const { layer, head } = report.data.plan.heads[row.place];
      selection.change({ head: { layer, head } });
    }
  },

  mark({ head: id }) {
    const place = id === null ? null : id.layer * report.data.plan.model.attention.queryHeads + id.head;
    if (place !== this.chosen) {
      this.rows[this.chosen]?.classList.remove("chosen");
      this.rows[place]?.classList.add("chosen");
      this.chosen = place;
    }
  },

  download(kind) {
    const rows = this.places();
    const value = (column, place) => (column.field === "head" ? column.text(place) : column.of(place));
    const text = kind === "json"
      ? JSON.stringify(rows.map((place) => Object.fromEntries(this.columns.map((column) =>
        [column.field, value(column, place)]))), null, 2) + "\n"
      : [this.columns.map((column) => column.field), ...rows.map((place) =>
        this.columns.map((column) => value(column, place)))]
        .map((row) => row.map(this.cell).join(",") + "\r\n").join("");
    download.text("heads." + kind, kind === "json" ? "application/json" : "text/csv", text);
  },

  /** RFC 4180; a spreadsheet would run a text that begins like a formula, so that gets a quote. */
  cell(value) {
    const text = value === null ? "" : String(value);
    const harmless = typeof value === "string" && /^[=+\-@\t\r]/.test(text) ? "'" + text : text;
    return /[",\r\n]/.test(harmless) ? '"' + harmless.replaceAll('"', '""') + '"' : harmless;
  },
});
