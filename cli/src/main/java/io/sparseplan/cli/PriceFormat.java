package io.sparseplan.cli;

/** How prices and comparisons are printed. */
enum PriceFormat {
  TABLE,
  JSON,
  CSV
}
