package io.sparseplan.cli;

/** Where prompts are to run. */
enum BackendKind {
  CPU,
  GPU,
  AUTO
}
