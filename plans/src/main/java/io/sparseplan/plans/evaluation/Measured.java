package io.sparseplan.plans.evaluation;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.geometry.Tokens;
import java.util.List;

/**
 * What a model did on a set of prompts.
 *
 * @param loss mean next-token loss over answer tokens where prompts mark them, else over all
 *     tokens; nats
 * @param perplexity exp of the mean loss over all tokens; the largest double where it is past that
 * @param kl mean over all tokens of KL(dense ‖ this), nats; 0 for dense itself
 * @param answersExact share of answers of which every token is the arg-max, teacher-forced; 1 where
 *     there are none
 * @param answers how many answers the prompts mark
 * @param byLength the same figures for the prompts of each length, ascending
 * @param missed the answers that were not exact
 */
public record Measured(
    double loss,
    double perplexity,
    double kl,
    @JsonProperty("answers_exact") double answersExact,
    int answers,
    @JsonProperty("by_length") List<AtLength> byLength,
    List<MissedAnswer> missed) {
  public Measured {
    byLength = List.copyOf(byLength);
    missed = List.copyOf(missed);
  }

  /** Answers of which every token is the arg-max. */
  public int answersRight() {
    return answers - missed.size();
  }

  /** The figures for the prompts of one length. */
  public record AtLength(
      @JsonProperty("length") Tokens length,
      double loss,
      double perplexity,
      double kl,
      @JsonProperty("answers_exact") double answersExact,
      int answers) {}

  /**
   * An answer that was not exact.
   *
   * @param promptLine the prompt's line in its file, from 1
   * @param firstToken where the answer starts in the prompt
   */
  public record MissedAnswer(
      @JsonProperty("prompt_line") int promptLine,
      @JsonProperty("length") Tokens length,
      @JsonProperty("first_token") int firstToken) {}
}
