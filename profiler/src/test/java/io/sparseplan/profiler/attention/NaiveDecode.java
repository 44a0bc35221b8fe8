package io.sparseplan.profiler.attention;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.pattern.CompensatedBuffer;
import io.sparseplan.plans.pattern.DecodePattern;
import io.sparseplan.plans.pattern.DecodeStep;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.HeavyChannels;
import io.sparseplan.plans.pattern.KvBudget;
import io.sparseplan.plans.pattern.PageTopK;
import io.sparseplan.plans.pattern.StepTokens;
import io.sparseplan.plans.pattern.TokensOfLayer;
import java.util.Arrays;

/** Steps of decoding of one head, every number written from its definition, in double. */
public final class NaiveDecode {
  private static final int QUERY_HEADS_OF_KV_HEAD = 2;

  private final NaiveAttention attention;
  private final TileGrid grid;
  private final int head;
  private final double[][] keys;

  public NaiveDecode(NaiveAttention attention, TileGrid grid, int head) {
    this.attention = attention;
    this.grid = grid;
    this.head = head;
    this.keys = new double[grid.length().count()][];
    Arrays.setAll(keys, token -> attention.key(head, token));
  }

  /**
   * What the query reads, within its reach.
   *
   * @param chosenIn the attention of the layer that chooses, if it is an earlier one
   */
  public StepTokens tokens(DecodePattern pattern, DecodeStep step, NaiveAttention... chosenIn) {
    StepTokens tokens =
        switch (pattern) {
          case CompensatedBuffer rule -> rule.read(step);
          case HeavyChannels rule -> {
            double[] scores = new double[step.query() + 1];
            double[] query = attention.query(head, step.query());
            for (int key = 0; key < scores.length; key++) {
              for (int channel : rule.channels()) {
                scores[key] += query[channel] * keys[key][channel];
              }
            }
            yield rule.read(seen(scores, step));
          }
          case TokensOfLayer rule ->
              chosenIn.length == 0
                  ? StepTokens.all(step)
                  : rule.read(rule.choose(scores(chosenIn[0], step)));
          case KvBudget rule -> rule.read(step, rule.keep(step.prompt(), observed(rule, step)));
          case PageTopK rule -> rule.read(step, bounds(rule, rule.choosing(step)));
        };
    return tokens.from(firstKey(step));
  }

  private int firstKey(DecodeStep step) {
    double[] dense = dense(step);
    int key = 0;
    while (dense[key] == 0) {
      key++;
    }
    return key;
  }

  /** Softmax weights over every key in reach. */
  private double[] dense(DecodeStep step) {
    return attention.weights(head, step.query(), new Dense(), grid);
  }

  private double[] scores(NaiveAttention of, DecodeStep step) {
    double[] scores = new double[step.query() + 1];
    Arrays.setAll(scores, key -> of.score(head, step.query(), key));
    return seen(scores, step);
  }

  private double[] seen(double[] scores, DecodeStep step) {
    Arrays.fill(scores, 0, firstKey(step), Double.NEGATIVE_INFINITY);
    return scores;
  }

  private double[] observed(KvBudget rule, DecodeStep step) {
    int prompt = step.prompt().count();
    double[] sums = new double[prompt];
    int first = head / QUERY_HEADS_OF_KV_HEAD * QUERY_HEADS_OF_KV_HEAD;
    for (int of = first; of < first + QUERY_HEADS_OF_KV_HEAD; of++) {
      for (int query = Math.max(0, prompt - rule.observed().count()); query < prompt; query++) {
        double[] weights = attention.weights(of, query, new Dense(), grid);
        for (int key = 0; key < prompt; key++) {
          sums[key] += weights[key];
        }
      }
    }
    return sums;
  }

  private double[] bounds(PageTopK rule, DecodeStep step) {
    int part = rule.part().count();
    double[] bounds = new double[step.query() / part + 1];
    Arrays.fill(bounds, Double.NEGATIVE_INFINITY);
    int first = head / QUERY_HEADS_OF_KV_HEAD * QUERY_HEADS_OF_KV_HEAD;
    int firstKey = firstKey(step);
    for (int of = first; of < first + QUERY_HEADS_OF_KV_HEAD; of++) {
      double[] query = attention.query(of, step.query());
      for (int at = firstKey / part; at < bounds.length; at++) {
        double bound = 0;
        for (int d = 0; d < query.length; d++) {
          double most = Double.NEGATIVE_INFINITY;
          for (int key = at * part; key < (at + 1) * part; key++) {
            if (key >= firstKey && key <= step.query()) {
              most = Math.max(most, query[d] * keys[key][d]);
            }
          }
          bound += most;
        }
        bounds[at] = Math.max(bounds[at], bound);
      }
    }
    return bounds;
  }

  /** The attention over the tokens, and over one more that is the mean of the merged ones. */
  public double[] output(DecodeStep step, StepTokens tokens) {
    double[] query = attention.query(head, step.query());
    double[] output = new double[query.length];
    double sum = 0;
    for (int key : tokens.read().stream().toArray()) {
      double weight = Math.exp(attention.score(head, step.query(), key));
      sum += weight;
      addValue(key, weight, output);
    }
    int merged = tokens.merged().cardinality();
    if (merged > 0) {
      double[] meanKey = new double[query.length];
      double[] meanValue = new double[query.length];
      for (int key : tokens.merged().stream().toArray()) {
        for (int d = 0; d < query.length; d++) {
          meanKey[d] += keys[key][d] / merged;
        }
        addValue(key, 1.0 / merged, meanValue);
      }
      double score = 0;
      for (int d = 0; d < query.length; d++) {
        score += query[d] * meanKey[d] / Math.sqrt(query.length);
      }
      double weight = merged * Math.exp(score);
      sum += weight;
      for (int d = 0; d < output.length; d++) {
        output[d] += weight * meanValue[d];
      }
    }
    for (int d = 0; d < output.length; d++) {
      output[d] /= sum;
    }
    return output;
  }

  private void addValue(int key, double weight, double[] sum) {
    double[] value = attention.value(head, key);
    for (int d = 0; d < sum.length; d++) {
      sum[d] += weight * value[d];
    }
  }
}
