package io.sparseplan.plans.format;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.format.ScoredHeads.HeadScore;
import io.sparseplan.plans.model.ModelIdentity;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * {@code full_attention_heads.tsv}: a line for each layer with DuoAttention's gate of each KV head,
 * as {@code numpy.savetxt} writes them. Training may leave a gate a little below 0.
 */
record GateTable(List<List<Double>> gates) {
  static final String FILE = "full_attention_heads.tsv";

  /** Gates are clamped at the start of a step and may leave 0..1 by one step of learning. */
  private static final double MOST_OUTSIDE = 0.1;

  static GateTable parse(PeerSource source) {
    String text = new String(source.main(), StandardCharsets.UTF_8);
    var gates = new ArrayList<List<Double>>();
    int number = 0;
    for (String line : text.strip().lines().toList()) {
      number++;
      var row = new ArrayList<Double>();
      for (String cell : line.split("\t", -1)) {
        row.add(gate(source, number, row.size() + 1, cell.strip()));
      }
      if (!gates.isEmpty() && gates.getFirst().size() != row.size()) {
        throw refuse(
            source,
            number,
            "has %d gates, the first line %d".formatted(row.size(), gates.getFirst().size()));
      }
      gates.add(row);
    }
    if (gates.isEmpty()) {
      throw refuse(source, 1, "is empty");
    }
    return new GateTable(gates);
  }

  private static double gate(PeerSource source, int line, int column, String cell) {
    double gate;
    try {
      gate = Double.parseDouble(cell);
    } catch (NumberFormatException e) {
      gate = Double.NaN;
    }
    if (!(gate >= -MOST_OUTSIDE && gate <= 1 + MOST_OUTSIDE)) {
      throw refuse(
          source, line, "has '%s' in column %d, which is no gate in 0..1".formatted(cell, column));
    }
    return gate;
  }

  private static BadInputException refuse(PeerSource source, int line, String problem) {
    return new BadInputException(
        "Line %d of the gates (%s) %s.".formatted(line, source.path(), problem),
        "the file is damaged or of another format.");
  }

  /**
   * @throws BadInputException if the table is not of the model's layers and KV heads
   */
  GateTable requireOf(PeerSource source, ModelIdentity model) {
    int layers = model.layers().count();
    int kvHeads = model.attention().kvHeads().count();
    if (gates.size() != layers || gates.getFirst().size() != kvHeads) {
      throw new BadInputException(
          "The gates (%s) are of %d layers of %d KV heads; the model %s has %d layers of %d."
              .formatted(
                  source.path(),
                  gates.size(),
                  gates.getFirst().size(),
                  model.name(),
                  layers,
                  kvHeads),
          "they are of another model.");
    }
    return this;
  }

  /** Whether every gate is 0 or 1, so that nothing is left to decide. */
  boolean decides() {
    return gates.stream().flatMap(List::stream).allMatch(gate -> gate == 0 || gate == 1);
  }

  /** The gates as scores: as DuoAttention does, clipped to 0..1. */
  List<List<HeadScore>> clipped() {
    return gates.stream()
        .map(
            row ->
                row.stream()
                    .map(gate -> new HeadScore(List.of(Math.clamp(gate, 0.0, 1.0))))
                    .toList())
        .toList();
  }

  /** The gates as they are. */
  List<List<HeadScore>> scores() {
    return gates.stream()
        .map(row -> row.stream().map(gate -> new HeadScore(List.of(gate))).toList())
        .toList();
  }

  /** In {@code numpy.savetxt}'s format. */
  String text() {
    return gates.stream()
        .map(
            row ->
                row.stream().map(GateTable::scientific).collect(Collectors.joining("\t", "", "\n")))
        .collect(Collectors.joining());
  }

  /** C's {@code %.18e}: at least two digits of exponent. */
  private static String scientific(double gate) {
    return String.format(Locale.ROOT, "%.18e", new BigDecimal(gate));
  }
}
