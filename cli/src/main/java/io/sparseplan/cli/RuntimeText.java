package io.sparseplan.cli;

import io.sparseplan.costmodel.runtime.AttentionRuntime;
import io.sparseplan.costmodel.runtime.Selection;
import io.sparseplan.plans.plan.MaxPatterns;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A runtime as people read it, on one line. */
final class RuntimeText {
  private RuntimeText() {}

  static String of(AttentionRuntime runtime) {
    List<String> parts = new ArrayList<>();
    parts.add(
        switch (runtime.maskAxis()) {
          case QUERY_HEAD -> "a mask a query head";
          case KV_HEAD -> "a mask a KV head";
        });
    runtime
        .maxPatternsPerLayer()
        .map(MaxPatterns::ofLayer)
        .ifPresent(most -> parts.add("at most %d patterns a layer".formatted(most)));
    parts.add(
        switch (runtime.launches()) {
          case PER_LAYER -> "one launch a layer";
          case PER_PATTERN -> "one launch a pattern";
          case PER_HEAD -> "one launch a head";
        });
    switch (runtime.headOrder()) {
      case MODEL -> {}
      case LEAST_WORK_FIRST -> parts.add("heads of little work first");
      case MOST_WORK_FIRST -> parts.add("heads of much work first");
    }
    parts.add(
        runtime.denseKernels().isEmpty()
            ? "no other dense kernel"
            : "dense on " + String.join(", ", runtime.denseKernels()));
    Selection selection = runtime.selection();
    if (selection.layerMicros() > 0 || selection.headMicros() > 0) {
      parts.add(
          String.format(
              Locale.ROOT,
              "choosing tiles %.0f µs a layer and %.0f µs a head beside the rule",
              selection.layerMicros(),
              selection.headMicros()));
    }
    runtime
        .tokenPermutation()
        .ifPresent(permutation -> parts.add("tokens permuted for 3-D layouts"));
    return "%s  %s%n    %s".formatted(runtime.name(), String.join("; ", parts), runtime.source());
  }
}
