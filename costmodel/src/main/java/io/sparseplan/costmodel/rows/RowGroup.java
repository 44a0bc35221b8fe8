package io.sparseplan.costmodel.rows;

import io.sparseplan.costmodel.measured.Launch;
import io.sparseplan.costmodel.measured.LaunchRow;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Visibility;
import io.sparseplan.plans.model.HeadDim;
import io.sparseplan.plans.plan.Phase;
import java.util.Locale;

/**
 * Launches of one kernel binary on one GPU, whose errors are stated together.
 *
 * @param splitsKeys a decode whose heads share no keys: PyTorch has a kernel of its own for it
 */
public record RowGroup(
    String gpu,
    Phase phase,
    boolean splitsKeys,
    HeadDim headDim,
    TileSize tile,
    Visibility visibility) {
  /** The group of a row. */
  public static RowGroup of(LaunchRow row) {
    Launch launch = row.launch();
    return new RowGroup(
        row.gpuName(),
        launch.phase(),
        launch.phase() == Phase.DECODE && launch.attention().groupSize() == 1,
        launch.attention().headDim(),
        launch.tile(),
        launch.visibility());
  }

  /** The GPU and the kind of launch, in words. */
  public String phaseLabel() {
    return gpu + ", " + phase.name().toLowerCase(Locale.ROOT) + (splitsKeys ? " (split keys)" : "");
  }

  /** In words, for tables. */
  public String label() {
    return "%s, head_dim %d, tile %d, %s"
        .formatted(
            phaseLabel(),
            headDim.count(),
            tile.tokens(),
            visibility == Visibility.CAUSAL ? "causal" : "not causal");
  }
}
