package io.sparseplan.report.view;

import java.util.List;

/**
 * A candidate of the profile.
 *
 * @param kind its name in files, such as {@code elastic_span}; the page has a glyph for each
 * @param density visited tiles ÷ dense tiles, mean over the lengths of the workload by weight
 * @param tiles what it visits at each profiled length
 */
public record ShownCandidate(String label, String kind, double density, List<CellMap> tiles) {
  public ShownCandidate {
    tiles = List.copyOf(tiles);
  }
}
