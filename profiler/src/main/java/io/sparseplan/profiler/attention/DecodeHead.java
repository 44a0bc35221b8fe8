package io.sparseplan.profiler.attention;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.pattern.CompensatedBuffer;
import io.sparseplan.plans.pattern.DecodePattern;
import io.sparseplan.plans.pattern.DecodeStep;
import io.sparseplan.plans.pattern.HeavyChannels;
import io.sparseplan.plans.pattern.KvBudget;
import io.sparseplan.plans.pattern.PageTopK;
import io.sparseplan.plans.pattern.StepTokens;
import io.sparseplan.plans.pattern.TokensOfLayer;
import io.sparseplan.profiler.kernel.Activations;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Steps of decoding of one head of a layer: which tokens a rule reads on the layer's own queries
 * and keys, and the attention over them. Token by token and in double: rows of answers are few, and
 * a rule may leave out any token. Scratch of one worker.
 */
public final class DecodeHead {
  private final PackedKeyValues keyValues;
  private final RotaryTable rotary;
  private final QueryWeights weights;
  private final float[] query;
  private final float[] other;
  private final Map<Observation, double[]> observed = new HashMap<>();
  private Optional<Head> loaded = Optional.empty();
  private Optional<Scored> scored = Optional.empty();

  private record Head(Activations q, int number) {}

  /** The step that was looked at last. */
  private record Scored(DecodeStep step, double[] scores) {}

  /** The last so many queries of a prompt. */
  private record Observation(Tokens prompt, Tokens queries) {}

  public DecodeHead(PackedKeyValues keyValues, RotaryTable rotary) {
    this.keyValues = keyValues;
    this.rotary = rotary;
    this.weights = new QueryWeights(keyValues, rotary);
    this.query = new float[keyValues.shape().headDim().count()];
    this.other = new float[query.length];
  }

  /**
   * Starts over with a query head of the layer whose keys and values are packed.
   *
   * @param q query projections before rotation, {@code [token][head · headDim]}
   */
  public void load(Activations q, int head) {
    loaded = Optional.of(new Head(q, head));
    observed.clear();
    scored = Optional.empty();
  }

  /**
   * What the rule reads in a step, within the layer's reach.
   *
   * @param chosenBefore what an earlier layer chose for this head and step, where it chose
   * @throws BadInputException if the rule names a channel that the head has not
   */
  public StepTokens tokens(DecodePattern pattern, DecodeStep step, Optional<BitSet> chosenBefore) {
    StepTokens tokens =
        switch (pattern) {
          case PageTopK rule -> rule.read(step, bounds(rule, rule.choosing(step)));
          case HeavyChannels rule -> rule.read(scores(rule, step));
          case KvBudget rule ->
              rule.read(step, rule.keep(step.prompt(), observedWeights(rule, step)));
          case CompensatedBuffer rule -> rule.read(step);
          case TokensOfLayer rule -> chosenBefore.map(rule::read).orElse(StepTokens.all(step));
        };
    return tokens.from(firstKey(step));
  }

  /** Every key so far within the layer's reach. */
  public StepTokens all(DecodeStep step) {
    return StepTokens.all(step).from(firstKey(step));
  }

  /** Elements of the head's vectors. */
  public int headDim() {
    return query.length;
  }

  /** The softmax of the {@link #scores}. */
  public double[] weights(DecodeStep step) {
    double[] weights = scores(step).clone();
    double max = Arrays.stream(weights).max().orElseThrow();
    double sum = 0;
    for (int key = 0; key < weights.length; key++) {
      weights[key] = Math.exp(weights[key] - max);
      sum += weights[key];
    }
    for (int key = 0; key < weights.length; key++) {
      weights[key] /= sum;
    }
    return weights;
  }

  /** The products of a vector of headDim elements with the value of each key so far. */
  public double[] valueProducts(DecodeStep step, float[] vector) {
    double[] products = new double[step.keys().count()];
    for (int key = firstKey(step); key < products.length; key++) {
      keyValues.copyValue(kvHead(), key, other);
      for (int d = 0; d < vector.length; d++) {
        products[key] += (double) vector[d] * other[d];
      }
    }
    return products;
  }

  private int firstKey(DecodeStep step) {
    return keyValues.reach().firstKey(step.query());
  }

  /** q·k ÷ √headDim with each key so far; −∞ with those beyond the layer's reach. */
  public double[] scores(DecodeStep step) {
    if (scored.isEmpty() || !scored.get().step().equals(step)) {
      scored = Optional.of(new Scored(step, scoresWithAll(step)));
    }
    return scored.get().scores();
  }

  private double[] scoresWithAll(DecodeStep step) {
    Head head = loaded.orElseThrow();
    rotateQuery(head.number(), step);
    double[] scores = new double[step.keys().count()];
    Arrays.fill(scores, Double.NEGATIVE_INFINITY);
    for (int key = firstKey(step); key < scores.length; key++) {
      keyValues.copyKey(kvHead(), key, other);
      double sum = 0;
      for (int d = 0; d < query.length; d++) {
        sum += (double) query[d] * other[d];
      }
      scores[key] = sum / Math.sqrt(query.length);
    }
    return scores;
  }

  private double[] scores(HeavyChannels rule, DecodeStep step) {
    for (int channel : rule.channels()) {
      if (channel >= query.length) {
        throw new BadInputException(
            "The pattern %s names the channel %d; a head has %d channels, from 0 on."
                .formatted(rule.label(), channel, query.length),
            "give it the channels of this model.");
      }
    }
    rotateQuery(loaded.orElseThrow().number(), step);
    double[] scores = new double[step.keys().count()];
    Arrays.fill(scores, Double.NEGATIVE_INFINITY);
    for (int key = firstKey(step); key < scores.length; key++) {
      keyValues.copyKey(kvHead(), key, other);
      double sum = 0;
      for (int channel : rule.channels()) {
        sum += (double) query[channel] * other[channel];
      }
      scores[key] = sum;
    }
    return scores;
  }

  /** Of each part of the keys at the step, the most that a key of it can score. */
  private double[] bounds(PageTopK rule, DecodeStep step) {
    int part = rule.part().count();
    int group = keyValues.shape().groupSize();
    double[] bounds = new double[Math.ceilDiv(step.keys().count(), part)];
    Arrays.fill(bounds, Double.NEGATIVE_INFINITY);
    float[] least = new float[query.length];
    float[] greatest = new float[query.length];
    for (int head = kvHead() * group; head < (kvHead() + 1) * group; head++) {
      rotateQuery(head, step);
      for (int at = firstKey(step) / part; at < bounds.length; at++) {
        Arrays.fill(least, Float.POSITIVE_INFINITY);
        Arrays.fill(greatest, Float.NEGATIVE_INFINITY);
        int end = Math.min(step.keys().count(), (at + 1) * part);
        for (int key = Math.max(firstKey(step), at * part); key < end; key++) {
          keyValues.copyKey(kvHead(), key, other);
          for (int d = 0; d < query.length; d++) {
            least[d] = Math.min(least[d], other[d]);
            greatest[d] = Math.max(greatest[d], other[d]);
          }
        }
        double sum = 0;
        for (int d = 0; d < query.length; d++) {
          sum += Math.max((double) query[d] * least[d], (double) query[d] * greatest[d]);
        }
        bounds[at] = Math.max(bounds[at], sum);
      }
    }
    return bounds;
  }

  /** Summed over the observing queries of all heads of the group; none where nothing is chosen. */
  private double[] observedWeights(KvBudget rule, DecodeStep step) {
    return rule.fits(step.prompt())
        ? new double[0]
        : observed.computeIfAbsent(
            new Observation(step.prompt(), rule.observed()), this::weightsOf);
  }

  private double[] weightsOf(Observation observation) {
    int prompt = observation.prompt().count();
    int group = keyValues.shape().groupSize();
    double[] sums = new double[prompt];
    for (int head = kvHead() * group; head < (kvHead() + 1) * group; head++) {
      weights.forEach(
          loaded.orElseThrow().q(),
          head,
          prompt - observation.queries().count(),
          prompt,
          (token, key, weight) -> sums[key] += weight);
    }
    return sums;
  }

  private int kvHead() {
    return loaded.orElseThrow().number() / keyValues.shape().groupSize();
  }

  private void rotateQuery(int head, DecodeStep step) {
    Activations q = loaded.orElseThrow().q();
    rotary.rotate(step.query(), q.data(), q.at(step.query()) + head * query.length, query);
  }

  /**
   * The output of a step, of headDim elements; zero where nothing is read.
   *
   * @param tokens within the layer's reach
   */
  public double[] output(DecodeStep step, StepTokens tokens) {
    double[] scores = scores(step);
    double ofMean = scoreOfMean(scores, tokens.merged());
    double max =
        Math.max(
            ofMean, tokens.read().stream().mapToDouble(key -> scores[key]).max().orElse(ofMean));
    double[] output = new double[query.length];
    double sum = 0;
    for (int key = next(tokens.read(), 0); key >= 0; key = next(tokens.read(), key + 1)) {
      double weight = Math.exp(scores[key] - max);
      sum += weight;
      addValue(key, weight, output);
    }
    int merged = tokens.merged().cardinality();
    if (merged > 0) {
      double weight = Math.exp(ofMean - max);
      sum += weight;
      for (int key = next(tokens.merged(), 0); key >= 0; key = next(tokens.merged(), key + 1)) {
        addValue(key, weight / merged, output);
      }
    }
    for (int d = 0; d < output.length && sum > 0; d++) {
      output[d] /= sum;
    }
    return output;
  }

  /** A mean key scores the mean of the scores; log n makes its weight n times its own. */
  private static double scoreOfMean(double[] scores, BitSet merged) {
    int count = merged.cardinality();
    return count == 0
        ? Double.NEGATIVE_INFINITY
        : merged.stream().mapToDouble(key -> scores[key]).sum() / count + Math.log(count);
  }

  private static int next(BitSet tokens, int from) {
    return tokens.nextSetBit(from);
  }

  private void addValue(int token, double weight, double[] sum) {
    keyValues.copyValue(kvHead(), token, other);
    for (int d = 0; d < sum.length; d++) {
      sum[d] += weight * other[d];
    }
  }
}
