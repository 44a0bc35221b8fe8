package io.sparseplan.costmodel.decode;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.geometry.Tokens;
import java.util.ArrayList;
import java.util.List;

/**
 * What decode steps were measured.
 *
 * @param lengths keys of a sequence, ascending
 * @param batches sequences of a step, ascending
 */
public record MeasuredRange(
    @JsonProperty("lengthsTokens") List<Tokens> lengths, List<Integer> batches) {
  public MeasuredRange {
    lengths = List.copyOf(lengths);
    batches = List.copyOf(batches);
    if (lengths.isEmpty() || batches.isEmpty()) {
      throw new IllegalArgumentException(
          "The measured lengths %s and batches %s must be some.".formatted(lengths, batches));
    }
  }

  static MeasuredRange of(List<SplitKvRow> rows) {
    return new MeasuredRange(
        rows.stream().map(SplitKvRow::keyLength).distinct().sorted().toList(),
        rows.stream().map(SplitKvRow::batch).distinct().sorted().toList());
  }

  /** Why steps of these lengths and this batch lie outside: a sentence each. */
  public List<String> outside(List<Tokens> asked, int batch) {
    var reasons = new ArrayList<String>();
    List<Tokens> beyond =
        asked.stream()
            .filter(
                length ->
                    length.compareTo(lengths.getFirst()) < 0
                        || length.compareTo(lengths.getLast()) > 0)
            .toList();
    if (!beyond.isEmpty()) {
      reasons.add(
          "Length %s is outside the measured %s to %s."
              .formatted(
                  String.join(", ", beyond.stream().map(Tokens::toString).toList()),
                  lengths.getFirst(),
                  lengths.getLast()));
    }
    if (batch < batches.getFirst() || batch > batches.getLast()) {
      reasons.add(
          "Batch %d is outside the measured %d to %d."
              .formatted(batch, batches.getFirst(), batches.getLast()));
    }
    return List.copyOf(reasons);
  }
}
