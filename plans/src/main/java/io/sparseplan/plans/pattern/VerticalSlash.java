package io.sparseplan.plans.pattern;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.geometry.TileLists;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * The columns and the diagonals that the last queries of the prompt look at most: MInference's
 * vertical-slash pattern (arXiv 2407.02490, §3.2).
 *
 * <p>Idea: lines that matter to the last {@value #LAST_QUERIES} queries matter to all. Their
 * softmax weights over all keys are summed along columns and along diagonals, and the largest sums
 * win. As MInference's code has it, the first {@value #FIRST_COLUMNS} columns and the nearest
 * {@value #NEAREST_DIAGONALS} diagonals win first, of equals the one nearer to the start or to the
 * query, and no budget is below {@value #FIRST_COLUMNS} columns and {@value #LEAST_DIAGONALS}
 * diagonals.
 *
 * <p>Rounded up to whole tiles: query tile i visits the tiles that one of its rows' lines crosses,
 * and always its own. (MInference's kernel gathers columns one by one; a kernel that skips tiles
 * cannot.)
 *
 * @param columns how many columns
 * @param diagonals how many diagonals
 */
public record VerticalSlash(
    @JsonProperty("columns") int columns, @JsonProperty("diagonals") int diagonals)
    implements SelectedPattern {
  /** How many queries at the end of the prompt the scores are of. */
  public static final int LAST_QUERIES = 64;

  private static final int FIRST_COLUMNS = 30;
  private static final int NEAREST_DIAGONALS = 100;
  private static final int LEAST_DIAGONALS = 50;

  public VerticalSlash {
    requirePositive("columns", columns);
    requirePositive("diagonals", diagonals);
  }

  private static void requirePositive(String name, int count) {
    if (count < 1) {
      throw new IllegalArgumentException("The %s (%d) must be positive.".formatted(name, count));
    }
  }

  /** The tiles that the winning lines cross. */
  public TileLists select(LineScores scores) {
    var lines =
        new Lines(
            largest(scores.columns(), Math.max(columns, FIRST_COLUMNS), FIRST_COLUMNS),
            largest(scores.diagonals(), Math.max(diagonals, LEAST_DIAGONALS), NEAREST_DIAGONALS));
    return TileLists.of(scores.grid(), tile -> lines.keyTiles(scores.grid(), tile));
  }

  /** The places of the largest scores, where the first {@code given} ones count as the largest. */
  private static int[] largest(float[] scores, int count, int given) {
    int ahead = Math.min(count, Math.min(given, scores.length));
    return IntStream.concat(
            IntStream.range(0, ahead),
            IntStream.range(ahead, scores.length)
                .boxed()
                .sorted(Comparator.<Integer>comparingDouble(at -> -scores[at]))
                .limit(count - ahead)
                .mapToInt(Integer::intValue))
        .sorted()
        .toArray();
  }

  @JsonIgnore
  @Override
  public String label() {
    return "v%d+d%d".formatted(columns, diagonals);
  }
}
