package io.sparseplan.plans.format;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.Run;
import io.sparseplan.plans.file.SchemaVersion;
import io.sparseplan.plans.file.Tool;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.TokenLayout;
import io.sparseplan.plans.geometry.Visibility;
import io.sparseplan.plans.model.HeadAxis;
import io.sparseplan.plans.model.HeadId;
import io.sparseplan.plans.model.ModelDescription;
import io.sparseplan.plans.model.ModelIdentity;
import io.sparseplan.plans.plan.ImportedFrom;
import io.sparseplan.plans.plan.ImportedHead;
import io.sparseplan.plans.plan.ImportedPlan;
import io.sparseplan.plans.plan.Layout;
import io.sparseplan.plans.plan.StepPatterns;
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

  /**
   * A plan of a video model.
   *
   * @throws BadInputException if the file has other layers or heads than the model
   */
  public static ImportedPlan plan(
      VideoHeads heads, ImportedFrom from, ModelDescription model, Run run) {
    ModelIdentity identity = model.identity();
    if (heads.layers() != identity.layers().count()
        || !heads.headsOfLayer().equals(identity.attention().queryHeads())) {
      throw new BadInputException(
          "The file is for %d layers of %d heads; the model %s has %d of %d."
              .formatted(
                  heads.layers(),
                  heads.headsOfLayer().count(),
                  identity.name(),
                  identity.layers().count(),
                  identity.attention().queryHeads().count()),
          "name the model that it is for.");
    }
    var imported = new ArrayList<ImportedHead>();
    for (int place = 0; place < heads.steps().size(); place++) {
      StepPatterns steps = heads.steps().get(place);
      HeadId id = heads.id(place);
      imported.add(
          new ImportedHead(
              id.layer(),
              id.head(),
              steps.usual(),
              Optional.empty(),
              Optional.of(steps),
              "%d runs of %d denoising steps.".formatted(steps.ranges().size(), steps.count())));
    }
    var warnings = new ArrayList<>(model.warnings());
    warnings.add(
        "Times are of one sparse step, in which each head runs its most frequent pattern.");
    return new ImportedPlan(
        SchemaVersion.CURRENT,
        Tool.THIS,
        from,
        identity.along(HeadAxis.QUERY_HEAD),
        Layout.of(TokenLayout.of(heads.video(), TileSize.DEFAULT)),
        warnings,
        imported,
        run);
  }

  /** A file of scores. */
  public static HeadScores scores(
      ScoredHeads scores, ImportedFrom from, ModelDescription model, Run run) {
    return new HeadScores(
        SchemaVersion.CURRENT, Tool.THIS, from, model.identity().along(scores.axis()), scores, run);
  }
}
