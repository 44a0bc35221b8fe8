package io.sparseplan.cli;

/** What {@code tune} calls its files. */
final class Outputs {
  static final String PROFILE = "model.profile";
  static final String PLAN = "plan.json";
  static final String EVALUATION = "evaluation.json";
  static final String REPORT = "report.html";

  private Outputs() {}
}
