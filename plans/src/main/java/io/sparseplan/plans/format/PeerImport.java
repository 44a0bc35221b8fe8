package io.sparseplan.plans.format;

import io.sparseplan.plans.file.Run;
import io.sparseplan.plans.file.SchemaVersion;
import io.sparseplan.plans.file.Tool;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Visibility;
import io.sparseplan.plans.model.ModelDescription;
import io.sparseplan.plans.plan.ImportedFrom;
import io.sparseplan.plans.plan.ImportedPlan;
import io.sparseplan.plans.plan.Layout;
import java.util.ArrayList;
import java.util.Optional;

/** Makes files of this program from what importers read. */
public final class PeerImport {
  private PeerImport() {}

  /**
   * A plan.
   *
   * @param tile the tiles to lay it out in, where not those of the peer's kernels
   */
  public static ImportedPlan plan(
      ImportedHeads heads,
      ImportedFrom from,
      ModelDescription model,
      Optional<TileSize> tile,
      Run run) {
    var warnings = new ArrayList<>(model.warnings());
    warnings.addAll(heads.warnings());
    return new ImportedPlan(
        SchemaVersion.CURRENT,
        Tool.THIS,
        from,
        model.identity().along(heads.axis()),
        new Layout(Visibility.CAUSAL, tile.orElse(heads.tile()), Layout.LengthMeans.PROMPT),
        warnings,
        heads.heads(),
        run);
  }

  /** A file of scores. */
  public static HeadScores scores(
      ScoredHeads scores, ImportedFrom from, ModelDescription model, Run run) {
    return new HeadScores(
        SchemaVersion.CURRENT, Tool.THIS, from, model.identity().along(scores.axis()), scores, run);
  }
}
