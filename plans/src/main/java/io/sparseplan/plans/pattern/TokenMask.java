package io.sparseplan.plans.pattern;

import io.sparseplan.plans.geometry.TileGrid;
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
    int tile = grid.tile().tokens();
    return switch (pattern) {
      case Dense() -> true;
      case ElasticSpan span -> {
        boolean tileHoldsSink = keyToken / tile * tile < span.sink().count();
        double window = span.alpha().count() + Math.ceil(span.beta() * grid.length().count());
        int tilesApart = Math.abs(queryToken / tile - keyToken / tile);
        yield tileHoldsSink || tilesApart == 0 || (double) tilesApart * tile < window;
      }
    };
  }
}
