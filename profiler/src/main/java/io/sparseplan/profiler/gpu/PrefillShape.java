package io.sparseplan.profiler.gpu;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.AttentionReach;
import io.sparseplan.plans.model.AttentionShape;

/**
 * The size of a prefill's tensors: q and o are [batch][queryHeads][tokens][headDim], k and v
 * [batch][kvHeads][tokens][headDim], all bf16.
 *
 * @param batch prompts, all of one length; at least one
 * @param grid the tiles of one prompt
 * @param reach how far back queries see, where the grid is causal
 */
public record PrefillShape(
    int batch, AttentionShape attention, TileGrid grid, AttentionReach reach) {
  /** CUDA's limit on the second and third axis of a launch. */
  private static final int MOST_BATCH = 65_535;

  public PrefillShape {
    if (batch < 1 || batch > MOST_BATCH) {
      throw new IllegalArgumentException(
          "The batch (%d) must be in 1..%d.".formatted(batch, MOST_BATCH));
    }
  }

  /** Queries see everything that the grid lets them. */
  public PrefillShape(int batch, AttentionShape attention, TileGrid grid) {
    this(batch, attention, grid, new AttentionReach.Everything());
  }

  /** Keys that a query sees, its own the last of them; 0 where it sees later ones too. */
  int reachTokens() {
    return switch (grid.visibility()) {
      case BIDIRECTIONAL -> 0;
      case CAUSAL ->
          switch (reach) {
            case AttentionReach.Everything _ -> Integer.MAX_VALUE;
            case AttentionReach.SlidingWindow(Tokens window) -> window.count();
          };
    };
  }

  /** What some query of a query tile sees; the grid is causal. */
  public SpanProgram.Visible visible(int queryTile) {
    int first = Math.max(0, grid.firstToken(queryTile) - reachTokens() + 1);
    return new SpanProgram.Visible(first / grid.tile().tokens(), queryTile);
  }

  /** Elements of q, and of o. */
  public long queryElements() {
    return rows(attention.queryHeads().count()) * attention.headDim().count();
  }

  /** Elements of k, and of v. */
  public long keyElements() {
    return rows(attention.kvHeads().count()) * attention.headDim().count();
  }

  /** Rows of q: one for each prompt, query head and token. */
  public long queryRows() {
    return rows(attention.queryHeads().count());
  }

  private long rows(int heads) {
    return (long) batch * heads * grid.length().count();
  }

  @Override
  public String toString() {
    return "attention over %d prompts of %s tokens with %d query and %d KV heads of %d"
        .formatted(
            batch,
            grid.length(),
            attention.queryHeads().count(),
            attention.kvHeads().count(),
            attention.headDim().count());
  }
}
