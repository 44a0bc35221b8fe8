package io.sparseplan.cli;

/** How a result is printed. */
enum OutputFormat {
  TABLE,
  JSON
}
