package io.sparseplan.report.view;

import java.util.List;
import java.util.OptionalDouble;

/**
 * A candidate of the profile.
 *
 * @param kind its name in files, such as {@code elastic_span}; the page has a glyph for each
 * @param density visited tiles ÷ dense tiles, mean over the lengths of the workload by weight;
 *     empty where only the profile would say, which there is not
 * @param tiles what it visits at each profiled length; not measured where each prompt chooses anew
 */
public record ShownCandidate(
    String label, String kind, OptionalDouble density, List<CellMap> tiles) {
  public ShownCandidate {
    tiles = List.copyOf(tiles);
  }
}
