package io.sparseplan.cli;

import java.util.Collection;
import java.util.Comparator;

/** The name that somebody probably meant: the one of least edit distance (Levenshtein 1966). */
final class NearestName {
  private NearestName() {}

  /**
   * @param known at least one
   */
  static String of(String given, Collection<String> known) {
    return known.stream()
        .min(
            Comparator.comparingInt((String name) -> distance(given, name))
                .thenComparing(Comparator.naturalOrder()))
        .orElseThrow();
  }

  private static int distance(String one, String other) {
    int[] row = new int[other.length() + 1];
    for (int to = 0; to < row.length; to++) {
      row[to] = to;
    }
    for (int from = 1; from <= one.length(); from++) {
      int diagonal = row[0];
      row[0] = from;
      for (int to = 1; to < row.length; to++) {
        int replaced = diagonal + (one.charAt(from - 1) == other.charAt(to - 1) ? 0 : 1);
        diagonal = row[to];
        row[to] = Math.min(replaced, 1 + Math.min(row[to], row[to - 1]));
      }
    }
    return row[other.length()];
  }
}
