package io.sparseplan.plans.profile;

import io.sparseplan.plans.file.Sha256;
import java.util.Optional;

/** Where records of prompts are kept as they are finished, and found again. */
public interface FinishedPrompts {
  /** Keeps nothing. */
  FinishedPrompts NONE =
      new FinishedPrompts() {
        @Override
        public Optional<PromptStatistics> find(Sha256 prompt) {
          return Optional.empty();
        }

        @Override
        public void add(PromptStatistics record) {}
      };

  /** The record of a prompt that has been finished. */
  Optional<PromptStatistics> find(Sha256 prompt);

  /** Keeps a record; when this returns it is safe. */
  void add(PromptStatistics record);
}
