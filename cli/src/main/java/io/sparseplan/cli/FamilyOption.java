package io.sparseplan.cli;

import io.sparseplan.plans.geometry.TokenLayout;
import io.sparseplan.profiler.statistics.CandidateFamily;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Kinds of patterns, by name. */
final class FamilyOption {
  private static final String ALL = "mixed";

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--family",
      paramLabel = "NAME",
      split = ",",
      description =
          "Only the patterns of these families, with their usual parameters: streaming, tri-shape,"
              + " strided, vertical-slash, block-topk, block-topp, antidiagonal, similarity,"
              + " hierarchical, skip-softmax, hash-buckets; of videos sliding-tile, neighborhood,"
              + " video-band, video-stripes, radial, sampled-band, video-chunks, clusters, block-topk,"
              + " block-topp, similarity, skip-softmax; or mixed for all these but hash-buckets and"
              + " clusters, which take long; of decoding kv-budget, page-topk, compensated-buffer.")
  private List<String> names = List.of();

  boolean isGiven() {
    return !names.isEmpty();
  }

  /** The families that are named; all is all that are tried together where tokens lie so. */
  List<CandidateFamily> families(TokenLayout layout) {
    return names.stream().flatMap(name -> named(name, layout)).distinct().toList();
  }

  private Stream<CandidateFamily> named(String name, TokenLayout layout) {
    String title = name.toLowerCase(Locale.ROOT);
    if (title.equals(ALL)) {
      return CandidateFamily.allOf(layout).stream().filter(CandidateFamily::isInMixed);
    }
    return Stream.of(
        CandidateFamily.all().stream()
            .filter(family -> family.title().equals(title))
            .findFirst()
            .orElseThrow(() -> unknown(name)));
  }

  private ParameterException unknown(String name) {
    String known =
        CandidateFamily.all().stream()
            .map(CandidateFamily::title)
            .collect(Collectors.joining(", "));
    return new ParameterException(
        command.commandLine(),
        "--family '%s' is none of %s, %s.\nMaybe give %s.".formatted(name, known, ALL, ALL));
  }
}
