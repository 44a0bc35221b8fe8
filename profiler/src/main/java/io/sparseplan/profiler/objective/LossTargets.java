package io.sparseplan.profiler.objective;

import io.sparseplan.plans.profile.Objective;
import io.sparseplan.profiler.prompt.Prompt;
import java.util.Arrays;

/**
 * What the positions of an objective are measured by, for those who differentiate it without {@link
 * LossGradient}. All are as long as there are positions.
 *
 * @param positions ascending
 * @param labels the token that follows, or {@value #DRAWN}
 * @param draws where there is no label: how much of the weight of all tokens comes before the one
 *     that is drawn, or in it, 0..1
 * @param losses how each is measured
 */
public record LossTargets(int[] positions, int[] labels, double[] draws, TokenLoss[] losses) {
  /** In the place of a label: it is drawn from the model's own prediction. */
  public static final int DRAWN = -1;

  public static LossTargets of(Prompt prompt, Objective objective) {
    LossPositions of = LossPositions.of(prompt, objective);
    LabelDraws random = LabelDraws.of(prompt);
    int[] positions = of.all();
    int count = positions.length;
    var losses = new TokenLoss[count];
    Arrays.setAll(
        losses, nth -> of.drawn().get(positions[nth]) ? TokenLoss.CROSS_ENTROPY : of.ofPrompt());
    return new LossTargets(
        positions,
        Arrays.stream(positions)
            .map(position -> of.drawn().get(position) ? DRAWN : prompt.ids()[position + 1])
            .toArray(),
        Arrays.stream(positions).mapToDouble(random::share).toArray(),
        losses);
  }

  public int count() {
    return positions.length;
  }
}
