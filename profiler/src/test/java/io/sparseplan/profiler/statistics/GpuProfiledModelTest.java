package io.sparseplan.profiler.statistics;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.plans.file.Run;
import io.sparseplan.plans.file.Tool;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.pattern.BlockTopK;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.profile.Arithmetic;
import io.sparseplan.plans.profile.FinishedPrompts;
import io.sparseplan.plans.profile.HeadStatistics;
import io.sparseplan.plans.profile.Objective;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.plans.profile.ProfileBasis;
import io.sparseplan.profiler.ModelDirectory;
import io.sparseplan.profiler.Progress;
import io.sparseplan.profiler.ShippedModel;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.gpu.GpuSupport;
import io.sparseplan.profiler.gpu.GpuTest;
import io.sparseplan.profiler.prompt.Prompt;
import io.sparseplan.profiler.prompt.PromptFile;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Profiles of the shipped models from the GPU, against the CPU's. */
@GpuTest
final class GpuProfiledModelTest {
  private static final Run RUN = new Run("", "", 1, 0, "");

  /** Of what attention keeps and of what it comes to: logits are within 5e-3, see docs/gpu.md. */
  private static final double FORWARD_BOUND = 5e-3;

  /**
   * Of what changes a loss: gradients pass through as many roundings again on their way back, and
   * the margin's own gradient moves with the logits.
   */
  private static final double GRADIENT_BOUND = 3e-2;

  @ParameterizedTest
  @EnumSource
  void statisticsOfSinksAndWindowsAreThoseOfTheCpu(ShippedModel shipped) {
    compare(shipped, CandidateSet.standard().candidates());
  }

  @ParameterizedTest
  @EnumSource
  void statisticsOfAnyTilesAreThoseOfTheCpu(ShippedModel shipped) {
    List<Pattern> candidates = new ArrayList<>(CandidateSet.standard().candidates());
    candidates.add(new BlockTopK(Tokens.of(384), 0));
    compare(shipped, candidates);
  }

  private static void compare(ShippedModel shipped, List<Pattern> candidates) {
    try (var workers = Workers.ofAllProcessors()) {
      ModelDirectory.Opened opened = ModelDirectory.open(shipped.directory()).openWeights();
      ModelDirectory directory = ModelDirectory.open(shipped.directory());
      List<Prompt> prompts =
          PromptFile.read(directory.defaultPrompts(), directory.checkpoint(), directory.geometry())
              .stream()
              .filter(prompt -> prompt.length().count() == 1024)
              .limit(1)
              .toList();
      var basis =
          new ProfileBasis(
              Tool.THIS, opened.identity(), TileSize.DEFAULT, Objective.MARGIN, candidates);
      Profile want = profile(new CpuProfiledModel(opened.load(workers).model()), basis, prompts);
      Profile got =
          profile(
              GpuProfiledModel.open(GpuSupport.required(), opened.stored(workers), workers),
              basis.in(Arithmetic.BF16),
              prompts);
      assertNear(want, got, HeadStatistics::recall, FORWARD_BOUND);
      assertNear(want, got, HeadStatistics::outputError, FORWARD_BOUND);
      assertNear(want, got, HeadStatistics::massByDistance, FORWARD_BOUND);
      assertNear(want, got, head -> new float[] {head.entropyBits()}, FORWARD_BOUND);
      assertNear(want, got, head -> head.firstOrder().absolute(), GRADIENT_BOUND);
      assertNear(want, got, head -> head.firstOrder().rowRms(), GRADIENT_BOUND);
      assertNear(want, got, HeadStatistics::droppedInfluence, GRADIENT_BOUND);
    }
  }

  private static Profile profile(ProfiledModel model, ProfileBasis basis, List<Prompt> prompts) {
    try (model) {
      return new ModelProfiler(model, basis)
          .profile(prompts, FinishedPrompts.NONE, Progress.NONE, () -> RUN);
    }
  }

  /** ‖got − want‖ ÷ ‖want‖ over all candidates of all heads. */
  private static void assertNear(
      Profile want, Profile got, Function<HeadStatistics, float[]> statistic, double bound) {
    List<HeadStatistics> wanted = want.prompts().getFirst().heads();
    List<HeadStatistics> found = got.prompts().getFirst().heads();
    double error = 0;
    double norm = 0;
    for (int head = 0; head < wanted.size(); head++) {
      float[] of = statistic.apply(wanted.get(head));
      float[] ofFound = statistic.apply(found.get(head));
      for (int i = 0; i < of.length; i++) {
        error += Math.pow(ofFound[i] - of[i], 2);
        norm += Math.pow(of[i], 2);
      }
    }
    assertThat(norm).isPositive();
    assertThat(Math.sqrt(error / norm)).isLessThan(bound);
  }
}
