package io.sparseplan.cli;

import io.sparseplan.costmodel.DeviceTable;
import io.sparseplan.costmodel.runtime.AttentionRuntime;
import io.sparseplan.plans.evaluation.Evaluation;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.geometry.VideoLayout;
import io.sparseplan.plans.plan.ImportedPlan;
import io.sparseplan.plans.plan.Workload;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.report.ImportedInput;
import io.sparseplan.report.source.PlanDevice;
import java.util.List;
import java.util.Optional;

/** What is shown of imported plans, whose files name neither lengths nor a device. */
final class ImportedPlans {
  private static final int BATCH = 64;
  private static final List<Tokens> LENGTHS = List.of(Tokens.of(4096), Tokens.of(32_768));

  private ImportedPlans() {}

  /** Of the plan alone. */
  static ImportedInput input(ImportedPlan plan) {
    return input(
        plan,
        new PlanDevice(DeviceTable.resolve(DeviceTable.DEFAULT), AttentionRuntime.KERNEL_ALONE),
        List.of(),
        Optional.empty(),
        Optional.empty());
  }

  /**
   * @param lengths to show; if none those of the video, or of the profile, or the usual
   */
  static ImportedInput input(
      ImportedPlan plan,
      PlanDevice device,
      List<Tokens> lengths,
      Optional<Profile> profile,
      Optional<Evaluation> evaluation) {
    List<Tokens> shown =
        lengths.isEmpty()
            ? plan.layout()
                .video()
                .map(VideoLayout::length)
                .map(List::of)
                .or(() -> profile.map(Profile::lengths))
                .orElse(LENGTHS)
            : lengths.stream().distinct().sorted().toList();
    return new ImportedInput(plan, device, Workload.prefill(BATCH, shown), profile, evaluation);
  }
}
