package io.sparseplan.plans.check;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.sparseplan.plans.model.HeadId;
import io.sparseplan.plans.model.HeadIndex;
import io.sparseplan.plans.model.LayerIndex;
import java.util.ArrayList;
import java.util.List;

/**
 * How otherwise one head attends than before, mean over the prompts of the digests.
 *
 * @param moved share of the softmax weight that went to other keys, at least; mean over rows, 0..1
 * @param entropyBits |change| of the entropy of the softmax weights
 * @param keptBefore share of the softmax weight that the plan's pattern kept, 0..1
 * @param keptNow that it keeps
 * @param lossBefore predicted loss of the plan's pattern, in the unit of the plan's statistic
 * @param lossNow likewise
 */
public record HeadDrift(
    LayerIndex layer,
    HeadIndex head,
    double moved,
    double entropyBits,
    double keptBefore,
    double keptNow,
    double lossBefore,
    double lossNow) {
  @JsonIgnore
  public HeadId id() {
    return new HeadId(layer, head);
  }

  /**
   * Every head's drift, in layer-major order.
   *
   * @param now of the same prompts in the same order, of a model with the same heads
   */
  public static List<HeadDrift> between(PlanDigest before, PlanDigest now) {
    List<PromptDigest> old = before.prompts();
    List<PromptDigest> found = now.prompts();
    if (!old.stream()
        .map(PromptDigest::prompt)
        .toList()
        .equals(found.stream().map(PromptDigest::prompt).toList())) {
      throw new IllegalArgumentException("The digests are of other prompts.");
    }
    var drifts = new ArrayList<HeadDrift>();
    for (int place = 0; place < before.model().headCount(); place++) {
      HeadId id = HeadId.atPlace(place, before.model().attention().queryHeads());
      var sums = new double[6];
      for (int nth = 0; nth < old.size(); nth++) {
        HeadDigest was = old.get(nth).heads().get(place);
        HeadDigest is = found.get(nth).heads().get(place);
        sums[0] += is.movedFrom(was);
        sums[1] += Math.abs((double) is.entropyBits() - was.entropyBits());
        sums[2] += was.kept();
        sums[3] += is.kept();
        sums[4] += was.loss();
        sums[5] += is.loss();
      }
      double prompts = old.size();
      drifts.add(
          new HeadDrift(
              id.layer(),
              id.head(),
              sums[0] / prompts,
              sums[1] / prompts,
              sums[2] / prompts,
              sums[3] / prompts,
              sums[4] / prompts,
              sums[5] / prompts));
    }
    return List.copyOf(drifts);
  }
}
