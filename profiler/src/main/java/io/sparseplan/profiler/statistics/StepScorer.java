package io.sparseplan.profiler.statistics;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.pattern.DecodePattern;
import io.sparseplan.plans.pattern.DecodeStep;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.pattern.StepTokens;
import io.sparseplan.profiler.attention.DecodeHead;
import io.sparseplan.profiler.attention.EarlierChoices;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.llama.ForwardObserver.LayerAttention;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Scores the candidates that are rules of decoding, on the rows of a prompt's answers: each row is
 * a step whose query reads what the rule says of the layer's queries and keys. All other rows are
 * dense.
 */
final class StepScorer {
  private final List<Rule> rules;
  private final List<DecodeStep> steps;
  private final EarlierChoices choices;

  /** A rule, and its number among the candidates. */
  private record Rule(int candidate, DecodePattern pattern) {}

  /**
   * @param candidates of all kinds
   * @param steps those of the prompt
   * @param choices that layers make for later ones
   */
  StepScorer(List<Pattern> candidates, List<DecodeStep> steps, EarlierChoices choices) {
    this.rules =
        IntStream.range(0, candidates.size())
            .filter(at -> candidates.get(at) instanceof DecodePattern)
            .mapToObj(at -> new Rule(at, (DecodePattern) candidates.get(at)))
            .toList();
    this.steps = List.copyOf(steps);
    this.choices = choices;
  }

  /**
   * Where no token is known to be of an answer.
   *
   * @throws BadInputException if a candidate is a rule of decoding
   */
  static StepScorer none(List<Pattern> candidates) {
    requireNone(candidates, "there is none here");
    return new StepScorer(candidates, List.of(), new EarlierChoices(List.of()));
  }

  /**
   * @param why continues "The candidate … is scored on the tokens of answers;"
   * @throws BadInputException if a candidate is a rule of decoding
   */
  static void requireNone(List<Pattern> candidates, String why) {
    decodePatterns(candidates).stream()
        .findFirst()
        .ifPresent(
            pattern -> {
              throw new BadInputException(
                  "The candidate %s is scored on the tokens of answers; %s."
                      .formatted(pattern.label(), why),
                  "leave rules of decoding out of the candidates, or take prompts with answers.");
            });
  }

  /** Those of the candidates that are rules of decoding. */
  static List<DecodePattern> decodePatterns(List<Pattern> candidates) {
    return candidates.stream()
        .filter(DecodePattern.class::isInstance)
        .map(DecodePattern.class::cast)
        .toList();
  }

  boolean isEmpty() {
    return rules.isEmpty() || steps.isEmpty();
  }

  /**
   * Adds what the rules do to the steps of one head.
   *
   * @param layer a layer that ran dense
   * @param outputGradient ∂L/∂O, {@code [token][head · headDim]}
   * @param rows loaded with the head
   * @param sums of the head, which counts these rows as dense so far
   */
  void score(
      LayerAttention layer, Activations outputGradient, int head, DecodeHead rows, HeadSums sums) {
    for (DecodeStep step : steps) {
      var dense = new DenseRow(layer, outputGradient, head, step, rows);
      for (Rule rule : rules) {
        Optional<BitSet> chosen = choices.of(rule.pattern(), layer.layer(), head, step);
        StepTokens tokens = rows.tokens(rule.pattern(), step, chosen);
        if (!tokens.equals(rows.all(step))) {
          dense.compare(tokens, rule.candidate(), rows, sums);
        }
      }
    }
  }

  /** One step as dense attention computes it. */
  private static final class DenseRow {
    private final DecodeStep step;
    private final double[] weights;
    private final double[] influence;
    private final float[] output;
    private final float[] gradient;

    DenseRow(
        LayerAttention layer,
        Activations outputGradient,
        int head,
        DecodeStep step,
        DecodeHead rows) {
      this.step = step;
      int headDim = rows.headDim();
      output = row(layer.output().o(), step.query(), head, headDim);
      gradient = row(outputGradient, step.query(), head, headDim);
      weights = rows.weights(step);
      influence = influence(rows.valueProducts(step, gradient));
    }

    private static float[] row(Activations of, int token, int head, int headDim) {
      float[] row = new float[headDim];
      System.arraycopy(of.data(), of.at(token) + head * headDim, row, 0, headDim);
      return row;
    }

    /** |E| of each key as in MoA; the only key of a row counts 0. */
    private double[] influence(double[] weightGradients) {
      double mean = 0;
      for (int key = 0; key < weights.length; key++) {
        mean += weights[key] * weightGradients[key];
      }
      double[] of = new double[weights.length];
      for (int key = 0; key < weights.length; key++) {
        of[key] =
            weights[key] < 1
                ? Math.abs(weights[key] * (weightGradients[key] - mean) / (1 - weights[key]))
                : 0;
      }
      return of;
    }

    void compare(StepTokens tokens, int candidate, DecodeHead rows, HeadSums sums) {
      double kept = 0;
      double dropped = 0;
      for (int key = 0; key < weights.length; key++) {
        if (tokens.read().get(key)) {
          kept += weights[key];
        } else {
          dropped += influence[key];
        }
      }
      double[] sparse = rows.output(step, tokens);
      double error = 0;
      double change = 0;
      for (int d = 0; d < sparse.length; d++) {
        double difference = sparse[d] - output[d];
        error += difference * difference;
        change += gradient[d] * difference;
      }
      sums.replaceDenseRow(candidate, Math.min(1, kept), error, change, dropped);
    }
  }
}
