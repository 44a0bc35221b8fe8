package io.sparseplan.profiler.statistics;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.plans.file.Run;
import io.sparseplan.plans.file.Tool;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.pattern.AntidiagonalTopP;
import io.sparseplan.plans.pattern.BlockTopK;
import io.sparseplan.plans.pattern.BlockTopP;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.pattern.VerticalSlash;
import io.sparseplan.plans.profile.Arithmetic;
import io.sparseplan.plans.profile.FinishedPrompts;
import io.sparseplan.plans.profile.HeadStatistics;
import io.sparseplan.plans.profile.HeadTraits;
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

  /**
   * Of what is picked: things that score next to the same change places when scores are rounded.
   */
  private static final double SELECTION_BOUND = 2e-2;

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

  @ParameterizedTest
  @EnumSource
  void rulesPickNextToTheSameAndTraitsAreThoseOfTheCpu(ShippedModel shipped) {
    List<Pattern> candidates =
        List.of(
            new Dense(),
            new VerticalSlash(64, 256),
            new BlockTopP(0.9, Tokens.of(128), 0),
            new AntidiagonalTopP(16, 0.9),
            new AntidiagonalTopP(8, 0.8));
    Both both = Both.of(shipped, candidates);
    both.assertNear(HeadStatistics::recall, SELECTION_BOUND);
    both.assertTraitsNear(
        traits ->
            new float[] {
              traits.antidiagonal().threshold(),
              traits.antidiagonal().recall(),
              traits.antidiagonal().density()
            },
        SELECTION_BOUND);
    both.assertTraitsNear(
        traits ->
            new float[] {traits.verticalSlash().verticals(), traits.verticalSlash().slashes()},
        SELECTION_BOUND);
  }

  private static void compare(ShippedModel shipped, List<Pattern> candidates) {
    Both both = Both.of(shipped, candidates);
    both.assertNear(HeadStatistics::recall, FORWARD_BOUND);
    both.assertNear(HeadStatistics::outputError, FORWARD_BOUND);
    both.assertNear(HeadStatistics::massByDistance, FORWARD_BOUND);
    both.assertNear(head -> new float[] {head.entropyBits()}, FORWARD_BOUND);
    both.assertNear(head -> head.firstOrder().absolute(), GRADIENT_BOUND);
    both.assertNear(head -> head.firstOrder().rowRms(), GRADIENT_BOUND);
    both.assertNear(HeadStatistics::droppedInfluence, GRADIENT_BOUND);
  }

  /** The same profile from either. */
  private record Both(Profile want, Profile got) {
    static Both of(ShippedModel shipped, List<Pattern> candidates) {
      try (var workers = Workers.ofAllProcessors()) {
        ModelDirectory directory = ModelDirectory.open(shipped.directory());
        ModelDirectory.Opened opened = directory.openWeights();
        List<Prompt> prompts =
            PromptFile.read(
                    directory.defaultPrompts(), directory.checkpoint(), directory.geometry())
                .stream()
                .filter(prompt -> prompt.length().count() == 1024)
                .limit(1)
                .toList();
        var basis =
            new ProfileBasis(
                Tool.THIS, opened.identity(), TileSize.DEFAULT, Objective.MARGIN, candidates);
        return new Both(
            profile(new CpuProfiledModel(opened.load(workers).model()), basis, prompts),
            profile(
                GpuProfiledModel.open(GpuSupport.required(), opened.stored(workers), workers),
                basis.in(Arithmetic.BF16),
                prompts));
      }
    }

    private static Profile profile(ProfiledModel model, ProfileBasis basis, List<Prompt> prompts) {
      try (model) {
        return new ModelProfiler(model, basis)
            .profile(prompts, FinishedPrompts.NONE, Progress.NONE, () -> RUN);
      }
    }

    void assertNear(Function<HeadStatistics, float[]> statistic, double bound) {
      assertNear(
          want.prompts().getFirst().heads(), got.prompts().getFirst().heads(), statistic, bound);
    }

    void assertTraitsNear(Function<HeadTraits, float[]> trait, double bound) {
      assertNear(traits(want), traits(got), trait, bound);
    }

    private static List<HeadTraits> traits(Profile profile) {
      return profile.prompts().getFirst().traits().orElseThrow().heads();
    }

    /** ‖got − want‖ ÷ ‖want‖ over all of all heads. */
    private static <T> void assertNear(
        List<T> wanted, List<T> found, Function<T, float[]> statistic, double bound) {
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
}
