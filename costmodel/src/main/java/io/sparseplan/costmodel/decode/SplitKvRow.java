package io.sparseplan.costmodel.decode;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.costmodel.decode.SplitKvLaunch.Batch;
import io.sparseplan.costmodel.decode.SplitKvLaunch.ChunkTiles;
import io.sparseplan.costmodel.measured.MeasuredHead;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.HeadDim;
import io.sparseplan.plans.model.KvHeads;
import io.sparseplan.plans.model.QueryHeads;
import io.sparseplan.plans.plan.Phase;
import java.util.List;

/**
 * One measured decode step: a line of a measurements file of the split-KV kernel.
 *
 * @param chunks thread blocks of the launch
 * @param headsOfKv the pattern of each KV head, in tiles; what the query tile with the last token
 *     visits
 * @param tilesOfKv tiles that each KV head visits
 * @param relativeError of the kernel's output against PyTorch
 * @param medianMillis over all rounds
 * @param roundMedianMillis of each round; the rounds of all rows were interleaved
 * @param smMegahertz the clock after each round
 * @param watts drawn after each round
 */
public record SplitKvRow(
    String gpu,
    String kernel,
    String torch,
    String timing,
    Phase phase,
    String dtype,
    @JsonProperty("q_heads") QueryHeads queryHeads,
    @JsonProperty("kv_heads") KvHeads kvHeads,
    @JsonProperty("head_dim") HeadDim headDim,
    TileSize tile,
    int batch,
    @JsonProperty("kv_len") Tokens keyLength,
    @JsonProperty("q_len") Tokens queryLength,
    boolean causal,
    @JsonProperty("chunk_tiles") int chunkTiles,
    int chunks,
    @JsonProperty("heads_of_kv") List<MeasuredHead> headsOfKv,
    @JsonProperty("tiles_of_kv") List<Integer> tilesOfKv,
    @JsonProperty("relative_error") double relativeError,
    @JsonProperty("median_ms") double medianMillis,
    @JsonProperty("min_ms") double minMillis,
    @JsonProperty("round_median_ms") List<Double> roundMedianMillis,
    @JsonProperty("sm_mhz") List<Integer> smMegahertz,
    List<Double> watts) {
  public SplitKvRow {
    headsOfKv = List.copyOf(headsOfKv);
    tilesOfKv = List.copyOf(tilesOfKv);
    roundMedianMillis = List.copyOf(roundMedianMillis);
    smMegahertz = List.copyOf(smMegahertz);
    watts = List.copyOf(watts);
    Positive.require("median_ms", medianMillis);
    if (queryHeads.count() % kvHeads.count() != 0) {
      throw new IllegalArgumentException(
          "The q_heads (%d) must be a multiple of kv_heads (%d)."
              .formatted(queryHeads.count(), kvHeads.count()));
    }
    if (headsOfKv.size() != kvHeads.count() || tilesOfKv.size() != kvHeads.count()) {
      throw new IllegalArgumentException(
          "The row has patterns for %d and tiles for %d KV heads, but kv_heads is %d."
              .formatted(headsOfKv.size(), tilesOfKv.size(), kvHeads.count()));
    }
    int tiles = Math.ceilDiv(keyLength.count(), tile.tokens());
    for (int visited : tilesOfKv) {
      if (visited < 1 || visited > tiles) {
        throw new IllegalArgumentException(
            "A KV head visits %d tiles; the length has %d.".formatted(visited, tiles));
      }
    }
    int chunkLimit = new ChunkTiles(chunkTiles).count();
    int expected =
        Math.multiplyExact(
            new Batch(batch).sequences(),
            tilesOfKv.stream().mapToInt(visited -> Math.ceilDiv(visited, chunkLimit)).sum());
    if (chunks != expected) {
      throw new IllegalArgumentException(
          "The row says %d chunks; its tiles make %d.".formatted(chunks, expected));
    }
  }

  /** What was launched. */
  public SplitKvLaunch launch() {
    return new SplitKvLaunch(shape(), new Batch(batch), tilesOfKv, new ChunkTiles(chunkTiles));
  }

  /** What the kernel was compiled for. */
  public SplitKvShape shape() {
    return new SplitKvShape(headDim, queryHeads.count() / kvHeads.count(), tile);
  }

  /** How far the rounds lie apart: (largest − smallest) ÷ smallest. */
  public double spread() {
    double least = roundMedianMillis.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
    double most = roundMedianMillis.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
    return (most - least) / least;
  }
}
