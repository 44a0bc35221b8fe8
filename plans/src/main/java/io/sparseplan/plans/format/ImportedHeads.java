package io.sparseplan.plans.format;

import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.model.HeadAxis;
import io.sparseplan.plans.model.HeadId;
import io.sparseplan.plans.model.ModelIdentity;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.plan.ImportedHead;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * What a peer's file says of the heads of a model.
 *
 * @param tile the tiles of the peer's kernels, in which the patterns mean what they mean there
 * @param axis what the file decides for
 * @param heads every query head, in layer-major order
 * @param warnings what the file leaves open, and where its runtime may differ
 */
public record ImportedHeads(
    TileSize tile, HeadAxis axis, List<ImportedHead> heads, List<String> warnings) {
  public ImportedHeads {
    heads = List.copyOf(heads);
    warnings = List.copyOf(warnings);
  }

  /** What the file says of one head. */
  record Rule(Pattern prefill, Optional<Pattern> decode, String why) {
    static Rule both(Pattern pattern, String why) {
      return new Rule(pattern, Optional.empty(), why);
    }
  }

  /** One rule for each query head. */
  static List<ImportedHead> each(ModelIdentity model, Function<HeadId, Rule> ruleOf) {
    var heads = new ArrayList<ImportedHead>();
    for (int place = 0; place < model.headCount(); place++) {
      HeadId id = HeadId.atPlace(place, model.attention().queryHeads());
      Rule rule = ruleOf.apply(id);
      heads.add(new ImportedHead(id.layer(), id.head(), rule.prefill, rule.decode, rule.why));
    }
    return heads;
  }
}
