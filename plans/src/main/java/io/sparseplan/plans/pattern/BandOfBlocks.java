package io.sparseplan.plans.pattern;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.geometry.TileGrid;
import java.util.stream.IntStream;

/**
 * MoA's rule (arXiv 2406.14909, §4.1) as its code rounds it: blocks of {@value #BLOCK_TOKENS}
 * tokens, the first of which every query sees, and a band of ⌊⌊α ÷ 64⌋ + β·N ÷ 64⌋ blocks up to the
 * query's own, for N tokens of context. Unlike in {@link ElasticSpan} α may be negative and the
 * band is rounded down; it is never less than the query's own block nor more than the prompt.
 *
 * <p>In tiles of another size, query tile i visits the tiles that hold a block which one of its
 * rows sees. Where not causal, the band reaches as far to the other side.
 *
 * @param alphaTokens the constant part of the band, in tokens; any finite number
 * @param beta the part of the band that grows with the length, in tokens per token, 0..1
 */
public record BandOfBlocks(
    @JsonProperty("alphaTokens") double alphaTokens, @JsonProperty("beta") double beta)
    implements FixedPattern {
  /** The side of MoA's blocks. */
  public static final int BLOCK_TOKENS = 64;

  /** Longer than any context; keeps the arithmetic within a double's whole numbers. */
  private static final double MOST_ALPHA = 1L << 40;

  public BandOfBlocks {
    ElasticTokens.requireShare("beta", beta);
    if (!(Math.abs(alphaTokens) <= MOST_ALPHA)) {
      throw new IllegalArgumentException(
          "The alphaTokens (%s) must be within ±2^40.".formatted(alphaTokens));
    }
    if (alphaTokens <= 0 && beta == 0) {
      throw new IllegalArgumentException(
          "The alphaTokens (%s) with beta 0 is a band of no length.".formatted(alphaTokens));
    }
  }

  /** The band in blocks at the grid's length, the query's own among them. */
  public long bandBlocks(TileGrid grid) {
    int length = grid.length().count();
    double band = Math.floor(alphaTokens / BLOCK_TOKENS) + beta * length / BLOCK_TOKENS;
    return Math.clamp((long) band, 1, Math.ceilDiv(length, BLOCK_TOKENS));
  }

  @Override
  public int[] keyTiles(TileGrid grid, int queryTile) {
    int tile = grid.tile().tokens();
    int last = grid.lastVisibleKeyTile(queryTile);
    long band = bandBlocks(grid);
    long firstBlock = grid.firstToken(queryTile) / BLOCK_TOKENS - band + 1;
    long lastBlock = (grid.endToken(queryTile) - 1) / BLOCK_TOKENS + band - 1;
    int bandStart = (int) (Math.max(0, firstBlock * BLOCK_TOKENS) / tile);
    int bandEnd = (int) Math.min(last, ((lastBlock + 1) * BLOCK_TOKENS - 1) / tile);
    int sinkEnd = Math.min(grid.tile().tilesCovering(BLOCK_TOKENS), last + 1);
    return IntStream.concat(
            IntStream.range(0, sinkEnd),
            IntStream.rangeClosed(Math.max(bandStart, sinkEnd), bandEnd))
        .toArray();
  }

  @JsonIgnore
  @Override
  public String label() {
    return "moa%s%sN"
        .formatted(ElasticTokens.number(alphaTokens), "+" + ElasticTokens.number(beta));
  }
}
