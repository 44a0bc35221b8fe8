package io.sparseplan.costmodel.decode;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.costmodel.decode.SplitKvLaunch.Batch;
import io.sparseplan.costmodel.decode.SplitKvLaunch.ChunkTiles;
import io.sparseplan.costmodel.measured.Launch;
import io.sparseplan.costmodel.measured.MeasuredHead;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.model.HeadDim;
import io.sparseplan.plans.model.KvHeads;
import io.sparseplan.plans.model.QueryHeads;
import io.sparseplan.plans.plan.Phase;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The fields of one decode step, as JSON Lines or CSV give them. What else the measuring program
 * writes down is known and left alone; any other field is an error.
 */
@JsonIgnoreProperties({
  "torch",
  "timing",
  "dtype",
  "causal",
  "min_ms",
  "launches",
  "relative_error",
  "round_median_ms",
  "sm_mhz",
  "watts"
})
record DecodeFields(
    Optional<String> gpu,
    Optional<String> kernel,
    Phase phase,
    int batch,
    @JsonProperty("q_heads") QueryHeads queryHeads,
    @JsonProperty("kv_heads") KvHeads kvHeads,
    @JsonProperty("head_dim") HeadDim headDim,
    @JsonProperty("q_len") Tokens queryLength,
    @JsonProperty("kv_len") Tokens keyLength,
    TileSize tile,
    @JsonProperty("chunk_tiles") int chunkTiles,
    Optional<Integer> chunks,
    @JsonProperty("heads_of_kv") List<MeasuredHead> headsOfKv,
    @JsonProperty("tiles_of_kv") Optional<List<Integer>> tilesOfKv,
    @JsonProperty("median_ms") Optional<Double> medianMillis) {
  DecodeFields {
    if (headsOfKv.stream().anyMatch(Objects::isNull)) {
      throw new IllegalArgumentException("The heads_of_kv have a null among them.");
    }
    medianMillis.ifPresent(millis -> Positive.require("median_ms", millis));
    if (phase != Phase.DECODE || queryLength.count() != 1) {
      throw new IllegalArgumentException(
          "A row with heads_of_kv is a decode of one query; its phase is %s and its q_len %s."
              .formatted(phase, queryLength));
    }
    if (keyLength.count() < 1 || tile.tilesCovering(keyLength.count()) > Launch.MOST_TILES) {
      throw new IllegalArgumentException(
          "The kv_len (%s) must be 1 to %d tiles of %d tokens."
              .formatted(keyLength, Launch.MOST_TILES, tile.tokens()));
    }
    if (headsOfKv.size() != kvHeads.count()) {
      throw new IllegalArgumentException(
          "The row has patterns for %d KV heads, but kv_heads is %d."
              .formatted(headsOfKv.size(), kvHeads.count()));
    }
  }

  /**
   * @throws IllegalArgumentException if the fields contradict each other
   */
  DecodeRow row(int line) {
    var attention = new AttentionShape(queryHeads, kvHeads, headDim);
    var grid = TileGrid.causal(keyLength, tile);
    List<Integer> visited =
        headsOfKv.stream().map(pattern -> pattern.keyTiles(grid, grid.tiles() - 1).length).toList();
    var launch =
        new SplitKvLaunch(
            new SplitKvShape(headDim, attention.groupSize(), tile),
            new Batch(batch),
            visited,
            new ChunkTiles(chunkTiles));
    requireBlocks(launch);
    tilesOfKv.ifPresent(stated -> requireTiles(stated, visited));
    chunks.ifPresent(stated -> requireChunks(stated, launch));
    return new DecodeRow(line, launch, keyLength, gpu, kernel, medianMillis);
  }

  private void requireBlocks(SplitKvLaunch launch) {
    long blocks = launch.blocks();
    if (blocks > Launch.MOST_BLOCKS) {
      throw new IllegalArgumentException(
          "The batch (%d), the kv_heads (%d) and the chunk_tiles (%d) make %d thread blocks; the most is %d."
              .formatted(batch, kvHeads.count(), chunkTiles, blocks, Launch.MOST_BLOCKS));
    }
  }

  private void requireTiles(List<Integer> stated, List<Integer> visited) {
    if (!stated.equals(visited)) {
      throw new IllegalArgumentException(
          "The tiles_of_kv (%s) are not the %s that the patterns visit at length %s, tile %d."
              .formatted(stated, visited, keyLength, tile.tokens()));
    }
  }

  private static void requireChunks(int stated, SplitKvLaunch launch) {
    if (stated != launch.blocks()) {
      throw new IllegalArgumentException(
          "The chunks (%d) are not the %d that the tiles make.".formatted(stated, launch.blocks()));
    }
  }
}
