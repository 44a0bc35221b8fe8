package io.sparseplan.costmodel.measured;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.geometry.Visibility;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.model.HeadDim;
import io.sparseplan.plans.model.KvHeads;
import io.sparseplan.plans.model.QueryHeads;
import io.sparseplan.plans.plan.Phase;
import java.util.List;
import java.util.Optional;

/**
 * One measured launch: a line of a measurements file.
 *
 * @param torch PyTorch's version, where its kernel ran
 * @param timing how it was timed, such as {@code cuda-graph}
 * @param heads the pattern of each query head
 * @param tiles tiles visited over all heads of one prompt
 * @param medianMillis median over {@code launches} launches, where their number was written down
 * @param sdpaMedianMillis PyTorch's own dense kernel on the same tensors, where all heads are dense
 */
public record MeasuredRow(
    String gpu,
    String kernel,
    Optional<String> torch,
    String timing,
    Phase phase,
    String dtype,
    int batch,
    @JsonProperty("q_heads") QueryHeads queryHeads,
    @JsonProperty("kv_heads") KvHeads kvHeads,
    @JsonProperty("head_dim") HeadDim headDim,
    @JsonProperty("q_len") Tokens queryLength,
    @JsonProperty("kv_len") Tokens keyLength,
    TileSize tile,
    boolean causal,
    List<MeasuredHead> heads,
    long tiles,
    @JsonProperty("median_ms") double medianMillis,
    @JsonProperty("min_ms") double minMillis,
    Optional<Integer> launches,
    @JsonProperty("sdpa_median_ms") Optional<Double> sdpaMedianMillis) {
  public MeasuredRow {
    heads = List.copyOf(heads);
    if (heads.size() != queryHeads.count()) {
      throw new IllegalArgumentException(
          "The row has patterns for %d heads but %d query heads."
              .formatted(heads.size(), queryHeads.count()));
    }
    requireTime("median_ms", medianMillis);
    requireTime("min_ms", minMillis);
    sdpaMedianMillis.ifPresent(millis -> requireTime("sdpa_median_ms", millis));
    if (batch < 1) {
      throw new IllegalArgumentException("The batch (%d) must be positive.".formatted(batch));
    }
  }

  public Visibility visibility() {
    return causal ? Visibility.CAUSAL : Visibility.BIDIRECTIONAL;
  }

  /** What was measured: rows of equal launches measured the same one again. */
  public Launch launch() {
    return new Launch(
        phase,
        batch,
        new AttentionShape(queryHeads, kvHeads, headDim),
        keyLength,
        tile,
        visibility(),
        heads);
  }

  /** The tiles of a prefill, which has as many queries as keys. */
  public TileGrid grid() {
    return new TileGrid(keyLength, tile, visibility());
  }

  private static void requireTime(String name, double millis) {
    if (!(millis > 0 && Double.isFinite(millis))) {
      throw new IllegalArgumentException("The %s (%s) must be positive.".formatted(name, millis));
    }
  }
}
