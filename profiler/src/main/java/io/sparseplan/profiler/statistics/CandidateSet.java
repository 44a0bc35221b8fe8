package io.sparseplan.profiler.statistics;

import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.file.SchemaVersion;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.pattern.Candidates;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.ElasticSpan;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.pattern.TriShape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The patterns that are scored for every head: a file that users can edit.
 *
 * @param candidates dense first, and none twice
 */
public record CandidateSet(SchemaVersion schemaVersion, List<Pattern> candidates) {
  private static final int[] SINK_TOKENS = {128, 256, 512};
  private static final int[] FIXED_WINDOW_TOKENS = {128, 256, 512, 1024, 2048};
  private static final double[] WINDOW_SHARES = {
    1 / 16.0, 1 / 8.0, 3 / 16.0, 1 / 4.0, 3 / 8.0, 1 / 2.0, 3 / 4.0
  };

  /** A question and its answer at the end of a prompt, rounded up to two tiles. */
  private static final Tokens LAST_QUERIES = Tokens.of(256);

  public CandidateSet {
    candidates = Candidates.checked(candidates);
  }

  /**
   * Dense, and sinks of one, two or four tiles with a window that is fixed (StreamingLLM) or a
   * share of the length (MoA's elastic span), each also with the last queries dense (tri-shape).
   */
  public static CandidateSet standard() {
    var candidates = new ArrayList<Pattern>();
    candidates.add(new Dense());
    for (int sink : SINK_TOKENS) {
      for (int window : FIXED_WINDOW_TOKENS) {
        addBoth(candidates, new ElasticSpan(Tokens.of(sink), Tokens.of(window), 0));
      }
      for (double share : WINDOW_SHARES) {
        addBoth(candidates, new ElasticSpan(Tokens.of(sink), Tokens.of(0), share));
      }
    }
    return new CandidateSet(SchemaVersion.CURRENT, candidates);
  }

  private static void addBoth(List<Pattern> candidates, ElasticSpan span) {
    candidates.add(span);
    candidates.add(new TriShape(span.sink(), span.alpha(), span.beta(), LAST_QUERIES));
  }

  /**
   * Reads a set.
   *
   * @throws io.sparseplan.plans.BadInputException if the file is missing, or holds no candidates
   */
  public static CandidateSet read(Path file) {
    return JsonFile.read(file, CandidateSet.class, "candidate set");
  }
}
