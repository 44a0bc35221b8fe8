"use strict";

/* Numbers as the finished text of the data block writes them. */
const format = {
  count(value) {
    return value.toLocaleString("en-US");
  },

  ratio(value) {
    return value.toFixed(value >= 0.1 || value === 0 ? 2 : 3);
  },

  /** Three significant digits: 0.0214, 12.3, 2.1e-5. */
  significant(value) {
    if (value === 0) {
      return "0";
    }
    const size = Math.abs(value);
    if (size < 1e-4) {
      return value.toExponential(1);
    }
    return size >= 999.5 ? format.count(Math.round(value)) : value.toPrecision(3);
  },

  /** A share in percent, never 100 % or 0 % by rounding. */
  percent(share) {
    const percent = share * 100;
    if (percent > 0 && percent < 0.005) {
      return "under 0.01 %";
    }
    if (percent < 100 && percent >= 99.995) {
      return "over 99.99 %";
    }
    const toEdge = Math.min(percent, 100 - percent);
    const decimals = toEdge <= 0 || toEdge >= 1 ? 0 : toEdge >= 0.1 ? 1 : 2;
    return percent.toFixed(decimals) + " %";
  },

  /** The unit that a time is told in, and its microseconds. */
  unitOf(micros) {
    return micros >= 1000 ? ["ms", 1000] : ["µs", 1];
  },

  micros(micros) {
    const [unit, size] = format.unitOf(micros);
    return `${format.significant(micros / size)} ${unit}`;
  },

  head(id) {
    return `L${id.layer}.H${id.head}`;
  },
};
