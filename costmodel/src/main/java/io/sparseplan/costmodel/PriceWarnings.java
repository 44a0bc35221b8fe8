package io.sparseplan.costmodel;

import io.sparseplan.costmodel.runtime.AttentionRuntime;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.geometry.Visibility;
import io.sparseplan.plans.pattern.DecodePattern;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.pattern.SelectedPattern;
import io.sparseplan.plans.plan.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Says which part of a workload lies outside what a device table was fitted to. */
final class PriceWarnings {
  private PriceWarnings() {}

  static List<String> of(
      DeviceTable table,
      AttentionRuntime runtime,
      PricedShape priced,
      Visibility visibility,
      Workload workload,
      List<Pattern> candidates) {
    var warnings = new ArrayList<String>();
    table.notMeasured().map(NotMeasured::warning).ifPresent(warnings::add);
    if (!runtime.kernels().isEmpty() && !runtime.kernels().contains(table.kernel())) {
      warnings.add(
          "The runtime %s runs %s; the device table %s is of %s, whose times these are."
              .formatted(
                  runtime.name(),
                  String.join(", ", runtime.kernels()),
                  table.name(),
                  table.kernel()));
    }
    if (candidates.stream().anyMatch(SelectedPattern.class::isInstance)) {
      warnings.add(
          "Choosing tiles at run time is priced by its matrix products and its traffic, which is"
              + " the least that it takes; nobody measured it.");
    }
    if (candidates.stream().anyMatch(DecodePattern.class::isInstance)) {
      warnings.add(
          "What rules of decoding take of the time of a prompt is priced by their traffic, which is"
              + " the least that it takes; nobody measured it.");
    }
    priced.warning().ifPresent(warnings::add);
    FitEvidence evidence =
        priced
            .shape()
            .evidenceFor(visibility)
            .orElseGet(() -> priced.shape().evidence().getFirst());
    List<Tokens> outside =
        workload.lengths().stream()
            .map(Workload.Entry::length)
            .filter(length -> !evidence.spans(length))
            .toList();
    if (!outside.isEmpty()) {
      warnings.add(
          "The device table %s was measured at lengths %s to %s; times at %s are extrapolated."
              .formatted(
                  table.name(),
                  evidence.lengths().getFirst(),
                  evidence.lengths().getLast(),
                  outside.stream().map(Tokens::toString).collect(Collectors.joining(", "))));
    }
    if (!evidence.batches().contains(workload.batch())) {
      warnings.add(
          ("The device table %s was measured at batch %s; at batch %d each prompt is priced like"
                  + " more heads.")
              .formatted(
                  table.name(),
                  evidence.batches().stream()
                      .map(String::valueOf)
                      .collect(Collectors.joining(", ")),
                  workload.batch()));
    }
    return List.copyOf(warnings);
  }
}
