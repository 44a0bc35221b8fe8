package io.sparseplan.profiler.statistics;

import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.pattern.AntidiagonalTopP;
import io.sparseplan.plans.pattern.HashBuckets;
import io.sparseplan.plans.pattern.HierarchicalTopK;
import io.sparseplan.plans.pattern.HierarchicalTopK.Stage;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.pattern.SimilarityTopP;
import io.sparseplan.plans.pattern.SkipSoftmax;
import java.util.List;
import java.util.stream.Stream;

/**
 * What is tried of the rules that peers' runtimes choose by, with their own parameters among it.
 */
final class RunTimeCandidates {
  /** Model-Optimizer's published fit for Llama 3.1 8B. */
  private static final double SKIP_SCALE = 7.93;

  private static final double SKIP_GROWTH = 8.61;

  private RunTimeCandidates() {}

  static Stream<Pattern> antidiagonals() {
    return Stream.of(8, 16)
        .flatMap(
            stride ->
                Stream.of(0.3, 0.5, 0.7, 0.8, 0.9, 0.95)
                    .map(coverage -> new AntidiagonalTopP(stride, coverage)));
  }

  /** Its kernels skip no product with V here, so their threshold is that of its defaults alone. */
  static Stream<Pattern> similarities() {
    return Stream.of(0.3, 0.5, 0.7, 0.9, 0.97)
        .flatMap(
            coverage ->
                Stream.of(0.1, 0.3, 0.6)
                    .map(likeness -> new SimilarityTopP(coverage, likeness, 0, 15)));
  }

  /** HiP's three stages, cut to keep four, two and one times the budget. */
  static Stream<Pattern> hierarchies() {
    return Stream.concat(
        Stream.of(128, 256, 512, 1024, 2048)
            .flatMap(
                budget ->
                    Stream.of(128, 512)
                        .map(
                            window ->
                                new HierarchicalTopK(
                                    List.of(
                                        stage(4, 64, 0),
                                        stage(4, 16, 4 * budget),
                                        stage(1, 8, 2 * budget)),
                                    Tokens.of(budget),
                                    Tokens.of(window),
                                    Tokens.of(128)))),
        Stream.of(
            new HierarchicalTopK(
                List.of(stage(4, 256, 0), stage(4, 32, 32_768), stage(1, 8, 8_192)),
                Tokens.of(2048),
                Tokens.of(1024),
                Tokens.of(256))));
  }

  private static Stage stage(int queryStride, int chunk, int keep) {
    return new Stage(Tokens.of(64), Tokens.of(queryStride), Tokens.of(chunk), Tokens.of(keep), 1);
  }

  static Stream<Pattern> skippedSoftmax() {
    return Stream.of(0.1, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
        .map(skipped -> new SkipSoftmax(SKIP_SCALE, SKIP_GROWTH, skipped));
  }

  static Stream<Pattern> hashBuckets() {
    Stream<HashBuckets> smaller =
        Stream.of(128, 256)
            .flatMap(
                bucket ->
                    Stream.of(0, 128)
                        .flatMap(
                            sample ->
                                Stream.of(256, 1024).map(exact -> buckets(bucket, sample, exact))));
    return Stream.concat(smaller, Stream.of(buckets(256, 256, 4096)));
  }

  private static HashBuckets buckets(int bucket, int sample, int exact) {
    return new HashBuckets(7, Tokens.of(bucket), Tokens.of(sample), Tokens.of(exact), 0);
  }
}
