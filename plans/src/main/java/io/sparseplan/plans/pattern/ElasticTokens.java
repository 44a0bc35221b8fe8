package io.sparseplan.plans.pattern;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.Tokens;
import java.math.BigDecimal;

/**
 * α + β·N tokens, for N tokens of context.
 *
 * @param alpha the constant part
 * @param beta the part that grows with the length, in tokens per token, 0..1
 */
record ElasticTokens(Tokens alpha, double beta) {
  ElasticTokens {
    requireShare("beta", beta);
  }

  /** Refuses what is not in 0..1. */
  static void requireShare(String name, double share) {
    if (!(share >= 0 && share <= 1)) {
      throw new IllegalArgumentException("The %s (%s) must be in 0..1.".formatted(name, share));
    }
  }

  /** How many tokens at this length, rounded up. */
  long at(Tokens length) {
    return alpha.count() + (long) Math.ceil(beta * length.count());
  }

  /** In tiles at the grid's length, rounded up: at least one. */
  int tiles(TileGrid grid) {
    return Math.max(1, grid.tile().tilesCovering(at(grid.length())));
  }

  /** Such as {@code 256+0.125N}. */
  String text() {
    var text = new StringBuilder();
    if (alpha.count() > 0 || beta == 0) {
      text.append(alpha.count());
    }
    if (beta > 0) {
      text.append(alpha.count() > 0 ? "+" : "").append(number(beta)).append("N");
    }
    return text.toString();
  }

  /** Without an exponent and trailing zeros. */
  static String number(double value) {
    return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
  }
}
