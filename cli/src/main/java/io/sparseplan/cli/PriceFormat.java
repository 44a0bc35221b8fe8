package io.sparseplan.cli;

/** How prices are printed. */
enum PriceFormat {
  TABLE,
  JSON,
  CSV
}
