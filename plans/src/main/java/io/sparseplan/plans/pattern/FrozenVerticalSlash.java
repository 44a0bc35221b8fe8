package io.sparseplan.plans.pattern;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.file.Sha256;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.Tokens;
import java.util.List;

/**
 * Given columns and diagonals, the same on every prompt: MInference's vertical-slash pattern with
 * indices from calibration, its {@code static} pattern (arXiv 2407.02490). Fits heads whose lines
 * do not move with the prompt.
 *
 * <p>Rounded up to whole tiles: query tile i visits the tiles that one of its rows' lines crosses,
 * and always its own. Columns beyond the length and diagonals beyond the start are nothing. Where
 * not causal, diagonals still lie before the query.
 *
 * @param columns keys that every later query sees, strictly ascending
 * @param distances how far before each query the keys on a diagonal lie, strictly ascending
 */
public record FrozenVerticalSlash(
    @JsonProperty("columnTokens") List<Tokens> columns,
    @JsonProperty("distanceTokens") List<Tokens> distances)
    implements FixedPattern {
  public FrozenVerticalSlash {
    columns = List.copyOf(columns);
    distances = List.copyOf(distances);
    requireAscending("columnTokens", columns);
    requireAscending("distanceTokens", distances);
  }

  private static void requireAscending(String name, List<Tokens> list) {
    for (int i = 1; i < list.size(); i++) {
      if (list.get(i - 1).compareTo(list.get(i)) >= 0) {
        throw new IllegalArgumentException(
            "The %s must ascend; %s follows %s.".formatted(name, list.get(i), list.get(i - 1)));
      }
    }
  }

  @Override
  public int[] keyTiles(TileGrid grid, int queryTile) {
    return new Lines(counts(columns), counts(distances)).keyTiles(grid, queryTile);
  }

  private static int[] counts(List<Tokens> list) {
    return list.stream().mapToInt(Tokens::count).toArray();
  }

  /** Numbers of lines, and the start of a hash that tells sets of as many lines apart. */
  @JsonIgnore
  @Override
  public String label() {
    return "v%d+d%d#%s"
        .formatted(
            columns.size(),
            distances.size(),
            Sha256.of(columns + "/" + distances).hex().substring(0, 8));
  }
}
