package io.sparseplan.profiler.statistics;

import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.ElasticSpan;
import io.sparseplan.plans.pattern.Pattern;
import java.util.ArrayList;
import java.util.List;

/** The patterns that are scored for every head, dense first. */
public final class CandidateSet {
  private static final int[] SINK_TOKENS = {128, 512};
  private static final int[] FIXED_WINDOW_TOKENS = {128, 256, 512, 1024, 2048};
  private static final double[] WINDOW_SHARES = {
    1 / 16.0, 1 / 8.0, 3 / 16.0, 1 / 4.0, 3 / 8.0, 1 / 2.0, 3 / 4.0
  };

  private CandidateSet() {}

  /**
   * Dense, and a sink of one or four tiles with a window that is fixed (StreamingLLM) or a share of
   * the length (MoA's elastic span).
   */
  public static List<Pattern> standard() {
    var candidates = new ArrayList<Pattern>();
    candidates.add(new Dense());
    for (int sink : SINK_TOKENS) {
      for (int window : FIXED_WINDOW_TOKENS) {
        candidates.add(new ElasticSpan(Tokens.of(sink), Tokens.of(window), 0));
      }
      for (double share : WINDOW_SHARES) {
        candidates.add(new ElasticSpan(Tokens.of(sink), Tokens.of(0), share));
      }
    }
    return candidates;
  }
}
