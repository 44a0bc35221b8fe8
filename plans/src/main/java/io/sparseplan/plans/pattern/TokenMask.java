package io.sparseplan.plans.pattern;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.Tokens;
import java.util.BitSet;

/**
 * What each pattern means, token by token: slow, obvious, and written from the definition, never
 * from the tile lists. Tests hold everything else against it.
 */
public final class TokenMask {
  private final Pattern pattern;
  private final TileGrid grid;

  public TokenMask(Pattern pattern, TileGrid grid) {
    this.pattern = pattern;
    this.grid = grid;
  }

  /** The keys that this query token attends to. */
  public BitSet visibleKeys(int queryToken) {
    var keys = new BitSet(grid.length().count());
    for (int key = 0; key < grid.length().count(); key++) {
      boolean shown =
          switch (grid.visibility()) {
            case CAUSAL -> key <= queryToken;
            case BIDIRECTIONAL -> true;
          };
      if (shown && keeps(queryToken, key)) {
        keys.set(key);
      }
    }
    return keys;
  }

  private boolean keeps(int queryToken, int keyToken) {
    return switch (pattern) {
      case Dense() -> true;
      case ElasticSpan(var sink, var alpha, double beta) ->
          spanKeeps(sink, alpha, beta, queryToken, keyToken);
      case TriShape(var sink, var alpha, double beta, var last) -> {
        int tile = grid.tile().tokens();
        int lastTokenOfTile = Math.min(grid.length().count(), (queryToken / tile + 1) * tile) - 1;
        yield lastTokenOfTile >= grid.length().count() - last.count()
            || spanKeeps(sink, alpha, beta, queryToken, keyToken);
      }
    };
  }

  private boolean spanKeeps(Tokens sink, Tokens alpha, double beta, int queryToken, int keyToken) {
    int tile = grid.tile().tokens();
    boolean tileHoldsSink = keyToken / tile * tile < sink.count();
    double window = alpha.count() + Math.ceil(beta * grid.length().count());
    int tilesApart = Math.abs(queryToken / tile - keyToken / tile);
    return tileHoldsSink || tilesApart == 0 || (double) tilesApart * tile < window;
  }
}
