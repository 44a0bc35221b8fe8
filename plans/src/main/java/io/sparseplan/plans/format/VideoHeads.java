package io.sparseplan.plans.format;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.VideoLayout;
import io.sparseplan.plans.model.HeadId;
import io.sparseplan.plans.model.QueryHeads;
import io.sparseplan.plans.plan.HeadPlan;
import io.sparseplan.plans.plan.PlannedHead;
import io.sparseplan.plans.plan.StepPatterns;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What the heads of a video model run: all that the files of video runtimes say.
 *
 * @param steps in layer-major order, each of as many denoising steps
 */
public record VideoHeads(VideoLayout video, QueryHeads headsOfLayer, List<StepPatterns> steps) {
  public VideoHeads {
    steps = List.copyOf(steps);
    if (steps.isEmpty() || steps.size() % headsOfLayer.count() != 0) {
      throw new IllegalArgumentException(
          "There are %d heads; layers have %d.".formatted(steps.size(), headsOfLayer.count()));
    }
    if (steps.stream().mapToInt(StepPatterns::count).distinct().count() > 1) {
      throw new IllegalArgumentException("The heads have different numbers of denoising steps.");
    }
  }

  /**
   * Those of a plan. One that does not tell steps apart runs the same in all, as if they were one.
   *
   * @throws BadInputException if it is not of a video
   */
  public static VideoHeads of(HeadPlan plan) {
    VideoLayout video =
        plan.layout()
            .video()
            .orElseThrow(
                () ->
                    new BadInputException(
                        "The plan is of %s, where attention is %s, not of a video."
                            .formatted(plan.model().name(), plan.layout().tokens().text()),
                        "take a format of language models."));
    return new VideoHeads(
        video,
        plan.model().attention().queryHeads(),
        plan.heads().stream().map(head -> steps(head)).toList());
  }

  private static StepPatterns steps(PlannedHead head) {
    return head.steps().orElseGet(() -> StepPatterns.ofEach(List.of(head.prefill())));
  }

  /** How many layers. */
  public int layers() {
    return steps.size() / headsOfLayer.count();
  }

  /** How many denoising steps. */
  public int stepCount() {
    return steps.getFirst().count();
  }

  /** The heads of a layer. */
  List<StepPatterns> layer(int layer) {
    int heads = headsOfLayer.count();
    return steps.subList(layer * heads, (layer + 1) * heads);
  }

  /** The name of the head at a place of the layer-major order. */
  HeadId id(int place) {
    return HeadId.atPlace(place, headsOfLayer);
  }

  /**
   * What each layer runs.
   *
   * @param format what has one pattern for all heads of a layer
   * @throws BadInputException if two heads of one layer differ
   */
  List<StepPatterns> wholeLayers(String format) {
    Optional<Integer> differs = Optional.empty();
    for (int place = 0; place < steps.size() && differs.isEmpty(); place++) {
      if (!steps.get(place).equals(firstOfLayer(place))) {
        differs = Optional.of(place);
      }
    }
    differs.ifPresent(
        place -> {
          HeadId other = id(place);
          throw new BadInputException(
              "The heads %s (%s) and %s (%s) run different patterns; %s has one for all heads of a layer."
                  .formatted(
                      id(place / headsOfLayer.count() * headsOfLayer.count()),
                      firstOfLayer(place).usual().label(),
                      other,
                      steps.get(place).usual().label(),
                      format),
              "search with --max-patterns-per-layer 1.");
        });
    return IntStream.range(0, layers()).mapToObj(layer -> layer(layer).getFirst()).toList();
  }

  private StepPatterns firstOfLayer(int place) {
    return layer(place / headsOfLayer.count()).getFirst();
  }
}
