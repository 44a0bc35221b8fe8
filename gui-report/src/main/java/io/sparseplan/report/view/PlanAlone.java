package io.sparseplan.report.view;

import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.pattern.DecodePattern;
import io.sparseplan.plans.pattern.FixedPattern;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.pattern.SelectedPattern;
import io.sparseplan.plans.plan.HeadDecision;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.plan.Workload;
import io.sparseplan.plans.profile.HeadStatistics;
import java.util.Collections;
import java.util.List;
import java.util.OptionalDouble;

/** What a plan says without its profile: its patterns and where they look, nothing measured. */
record PlanAlone(Plan plan) implements HeadSource {
  @Override
  public List<ShownLength> lengths() {
    return plan.workload().lengths().stream()
        .map(
            entry ->
                new ShownLength(
                    entry.length().count(), entry.weight(), bands(entry).edgesTokens(), List.of()))
        .toList();
  }

  @Override
  public List<ShownCandidate> candidates() {
    return patterns().stream()
        .map(
            pattern ->
                new ShownCandidate(
                    pattern.label(),
                    JsonFile.mapper().valueToTree(pattern).get("kind").asString(),
                    density(pattern),
                    plan.workload().lengths().stream()
                        .map(entry -> tiles(pattern, entry))
                        .toList()))
        .toList();
  }

  /** How many tiles a selected pattern visits is in the profile. */
  private OptionalDouble density(Pattern pattern) {
    return switch (pattern) {
      case FixedPattern fixed ->
          OptionalDouble.of(
              NumberText.rounded(
                  new LengthMeans(plan.workload())
                      .of(length -> fixed.on(plan.layout().grid(length)).density())));
      case SelectedPattern _, DecodePattern _ -> OptionalDouble.empty();
    };
  }

  private CellMap tiles(Pattern pattern, Workload.Entry entry) {
    return switch (pattern) {
      case FixedPattern fixed ->
          CellMap.ofTiles(bands(entry), fixed.on(plan.layout().grid(entry.length())));
      case SelectedPattern _, DecodePattern _ -> CellMap.notMeasured();
    };
  }

  @Override
  public List<ShownHead> heads() {
    List<Pattern> patterns = patterns();
    List<CellMap> notMeasured =
        Collections.nCopies(plan.workload().lengths().size(), CellMap.notMeasured());
    return plan.heads().stream()
        .map(
            head ->
                new ShownHead(
                    patterns.indexOf(head.prefill()),
                    OptionalDouble.empty(),
                    OptionalDouble.empty(),
                    OptionalDouble.empty(),
                    OptionalDouble.empty(),
                    List.of(),
                    List.of(),
                    List.of(),
                    notMeasured))
        .toList();
  }

  private List<Pattern> patterns() {
    return plan.heads().stream().map(HeadDecision::prefill).distinct().toList();
  }

  private Bands bands(Workload.Entry entry) {
    TileGrid grid = plan.layout().grid(entry.length());
    return new Bands(grid, Math.min(HeadStatistics.MAX_BLOCK_MASS_SIDE, grid.tiles()));
  }
}
