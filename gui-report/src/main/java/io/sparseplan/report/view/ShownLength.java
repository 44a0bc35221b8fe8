package io.sparseplan.report.view;

import java.util.List;

/**
 * A length that was profiled.
 *
 * @param weight its weight in the plan's workload; 0 where the plan was not made for it
 * @param bandEdgesTokens the first token of each row, or column, of the maps at this length; the
 *     last element is the length
 * @param prompts the first digits of the hash of each prompt of this length, ascending
 */
public record ShownLength(
    int lengthTokens, double weight, List<Integer> bandEdgesTokens, List<String> prompts) {
  public ShownLength {
    bandEdgesTokens = List.copyOf(bandEdgesTokens);
    prompts = List.copyOf(prompts);
  }
}
