package io.sparseplan.costmodel;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.geometry.Visibility;
import java.util.List;

/**
 * The measured launches that constants were fitted to, and how well the constants reproduce them.
 *
 * @param rows measured launches
 * @param lengths measured lengths, ascending
 * @param batches measured batches, ascending
 * @param queryHeads measured numbers of query heads, ascending
 */
public record FitEvidence(
    Visibility visibility,
    int rows,
    @JsonProperty("lengthsTokens") List<Tokens> lengths,
    List<Integer> batches,
    List<Integer> queryHeads,
    RelativeError error) {
  public FitEvidence {
    lengths = List.copyOf(lengths);
    batches = List.copyOf(batches);
    queryHeads = List.copyOf(queryHeads);
    if (rows < 1 || lengths.isEmpty() || batches.isEmpty() || queryHeads.isEmpty()) {
      throw new IllegalArgumentException(
          "The evidence (%d rows, lengths %s, batches %s, query heads %s) needs at least one row."
              .formatted(rows, lengths, batches, queryHeads));
    }
  }

  /** Whether the length lies between two measured ones. */
  public boolean spans(Tokens length) {
    return length.compareTo(lengths.getFirst()) >= 0 && length.compareTo(lengths.getLast()) <= 0;
  }
}
