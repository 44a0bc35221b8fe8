package io.sparseplan.profiler.attention;

import io.sparseplan.plans.pattern.DecodePattern;
import io.sparseplan.plans.pattern.DecodeStep;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.kernel.Activations;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The rows of answers of heads that run a rule of decoding, on one prompt. */
final class DecodeRows {
  private final AttentionTiles tiles;
  private final List<DecodeStep> steps;
  private final EarlierChoices choices;
  private final DecodeHead[] rows;

  DecodeRows(
      AttentionTiles tiles,
      List<DecodeStep> steps,
      RotaryTable rotary,
      PackedKeyValues keyValues,
      Workers workers) {
    this.tiles = tiles;
    this.steps = steps;
    this.choices = new EarlierChoices(tiles.decodePatterns());
    this.rows = new DecodeHead[workers.count()];
    Arrays.setAll(rows, worker -> new DecodeHead(keyValues, rotary));
  }

  /**
   * Writes the rows of one layer; layers run in their order.
   *
   * @param output over what tiles gave these rows
   */
  void run(int layer, Activations q, AttentionOutput output, int heads, Workers workers) {
    workers.forEach(
        heads,
        (head, worker) -> {
          Optional<DecodePattern> rule = tiles.decodePattern(layer, head);
          boolean chooses = choices.areMadeIn(layer);
          if (rule.isPresent() || chooses) {
            rows[worker].load(q, head);
          }
          if (chooses) {
            choices.choose(layer, head, rows[worker], steps);
          }
          rule.ifPresent(present -> run(present, layer, head, rows[worker], output));
        });
  }

  private void run(
      DecodePattern rule, int layer, int head, DecodeHead decoded, AttentionOutput output) {
    for (DecodeStep step : steps) {
      double[] row =
          decoded.output(step, decoded.tokens(rule, step, choices.of(rule, layer, head, step)));
      int at = output.o().at(step.query()) + head * row.length;
      for (int d = 0; d < row.length; d++) {
        output.o().data()[at + d] = (float) row[d];
      }
    }
  }
}
