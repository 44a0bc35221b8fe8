package io.sparseplan.search.strategy;

import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.pattern.ElasticSpan;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The candidates by which a peer's heads stream.
 *
 * @param narrower those that are sparser than the deployed one, sparsest first
 * @param deployed the span nearest to the peer's sizes at the longest length; dense where there is
 *     none
 */
record StreamingCandidates(List<Integer> narrower, int deployed) {
  private static final int DENSE = 0;

  static StreamingCandidates nearest(PeerInput input, Tokens sink, Tokens window) {
    Tokens longest = input.workload().lengths().getLast().length();
    int deployed =
        IntStream.range(0, input.density().length)
            .filter(candidate -> isStreaming(input, candidate))
            .boxed()
            .min(
                Comparator.comparingLong(
                    candidate -> {
                      var span = (ElasticSpan) input.pattern(candidate);
                      return Math.abs(span.sink().count() - sink.count())
                          + Math.abs(span.windowTokens(longest) - window.count());
                    }))
            .orElse(DENSE);
    return new StreamingCandidates(
        input.sparsestFirst().stream()
            .filter(candidate -> isStreaming(input, candidate))
            .filter(candidate -> input.density()[candidate] < input.density()[deployed])
            .toList(),
        deployed);
  }

  private static boolean isStreaming(PeerInput input, int candidate) {
    return input.pattern(candidate) instanceof ElasticSpan;
  }

  /** All of them, the deployed one last. */
  List<Integer> sparsestFirst() {
    return Stream.concat(narrower.stream(), Stream.of(deployed)).toList();
  }
}
