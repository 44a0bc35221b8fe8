package io.sparseplan.plans.format;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.HeadAxis;
import io.sparseplan.plans.model.ModelIdentity;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.ElasticSpan;
import java.util.List;
import java.util.Optional;

/** A plan from scores: the heads that score lowest stream, the others are dense. */
public final class ScorePlan {
  private ScorePlan() {}

  /**
   * @throws BadInputException if the options lack the sparsity or the sizes, or the sparsity parts
   *     heads of one score
   */
  public static ImportedHeads of(ScoredHeads scores, ModelIdentity model, ImportOptions options) {
    double sparsity =
        required(options.sparsity(), "--sparsity 0.5, the share of heads that stream");
    Tokens sink = required(options.sink(), "--sink 128, the first tokens that they see");
    Tokens recent = required(options.recent(), "--recent 256, the last tokens that they see");
    var streaming = new ElasticSpan(sink, recent, 0);
    List<List<Boolean>> sparse = SparsestHeads.of(scores, sparsity);
    int group = scores.axis() == HeadAxis.KV_HEAD ? model.attention().groupSize() : 1;
    return new ImportedHeads(
        TileSize.DEFAULT,
        scores.axis(),
        ImportedHeads.each(
            model,
            id -> {
              int layer = id.layer().value();
              int scored = id.head().value() / group;
              return ImportedHeads.Rule.both(
                  sparse.get(layer).get(scored) ? streaming : new Dense(),
                  "Its mean score is %s (%s)."
                      .formatted(
                          scores.layers().get(layer).get(scored).mean(), scores.statistic()));
            }),
        List.of());
  }

  private static <T> T required(Optional<T> option, String example) {
    return option.orElseThrow(
        () ->
            new BadInputException(
                "Scores are no decisions, and the options do not say what to make of them.",
                "give " + example + "."));
  }
}
