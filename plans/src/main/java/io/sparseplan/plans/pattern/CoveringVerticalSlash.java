package io.sparseplan.plans.pattern;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.geometry.TileLists;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The columns and the diagonals that the last queries of the prompt look at most, as many as it
 * takes: {@code flex_vertical_and_slash} of MInference's training branch, whose budgets are a share
 * of the weight and a cap.
 *
 * <p>Idea: as {@link VerticalSlash}, but each of the two takes the largest sums only until they
 * have come to a share of all, FlexPrefill's cumulative γ (arXiv 2502.20766, §4.2), and never more
 * than the cap.
 *
 * <p>Rounded up to whole tiles as {@link VerticalSlash}; a query tile's own tile and the first are
 * always visited.
 */
public record CoveringVerticalSlash(
    @JsonProperty("columns") Share columns, @JsonProperty("diagonals") Share diagonals)
    implements SelectedPattern {
  /**
   * How many lines.
   *
   * @param coverage the share of the weight to reach, 0..1
   * @param most lines at most, at least one
   */
  public record Share(double coverage, int most) {
    public Share {
      ElasticTokens.requireShare("coverage", coverage);
      if (most < 1) {
        throw new IllegalArgumentException("The most (%d) must be positive.".formatted(most));
      }
    }

    private int[] lines(float[] scores) {
      double all = 0;
      for (float score : scores) {
        all += score;
      }
      List<Integer> falling =
          IntStream.range(0, scores.length)
              .boxed()
              .sorted(Comparator.<Integer>comparingDouble(at -> -scores[at]))
              .limit(most)
              .toList();
      double held = 0;
      int count = 0;
      while (count < falling.size() && held < coverage * all) {
        held += scores[falling.get(count)];
        count++;
      }
      return falling.subList(0, count).stream().mapToInt(Integer::intValue).sorted().toArray();
    }

    private String text() {
      return ElasticTokens.number(coverage) + ":" + most;
    }
  }

  /** The tiles that the winning lines cross. */
  public TileLists select(LineScores scores) {
    int[] chosen = columns.lines(scores.columns());
    int[] withFirst = IntStream.concat(IntStream.of(0), IntStream.of(chosen)).distinct().toArray();
    var lines = new Lines(withFirst, diagonals.lines(scores.diagonals()));
    return TileLists.of(scores.grid(), tile -> lines.keyTiles(scores.grid(), tile));
  }

  @JsonIgnore
  @Override
  public String label() {
    return "v%s+d%s".formatted(columns.text(), diagonals.text());
  }
}
