package io.sparseplan.report.view;

import io.sparseplan.plans.profile.LengthCount;
import io.sparseplan.plans.profile.PromptSet;
import java.util.stream.Collectors;

/** A prompt set in words. */
final class Prompts {
  private Prompts() {}

  static int count(PromptSet set) {
    return set.lengths().stream().mapToInt(LengthCount::prompts).sum();
  }

  /** Such as {@code 12 prompts: 6 of 2,048 tokens, 6 of 4,096 tokens}. */
  static String described(PromptSet set) {
    return set.lengths().stream()
        .map(
            length ->
                "%s of %s tokens"
                    .formatted(
                        NumberText.count(length.prompts()),
                        NumberText.count(length.length().count())))
        .collect(Collectors.joining(", ", NumberText.count(count(set)) + " prompts: ", ""));
  }
}
