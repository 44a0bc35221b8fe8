package io.sparseplan.report.view;

import java.util.List;

/**
 * The prompts that the plan was made from, and how far they agree on it.
 *
 * @param byLength a row a length, in finished text
 * @param prompts in the order of the shown lengths and their prompts
 * @param disputed the heads whose choice keeps most on one prompt and least on another, in finished
 *     text; their heads are {@code disputedPlaces}
 */
public record ShownCalibration(
    Table byLength, List<OfPrompt> prompts, Table disputed, List<Integer> disputedPlaces) {
  /**
   * One prompt.
   *
   * @param prompt the first digits of its hash
   * @param loss that this prompt alone predicts for the plan
   * @param recall mean over heads of what their choices keep
   */
  public record OfPrompt(String prompt, int lengthTokens, double loss, double recall) {}

  public ShownCalibration {
    prompts = List.copyOf(prompts);
    disputedPlaces = List.copyOf(disputedPlaces);
  }
}
