package io.sparseplan.search.problem;

import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.model.HeadAxis;
import io.sparseplan.plans.model.LayerCount;
import io.sparseplan.plans.model.QueryHeads;
import java.util.Arrays;

/**
 * Query heads that are decided for together: each alone, or all that read one key-value head. The
 * search knows only groups, and calls them heads; neighbours in layer-major order form a group.
 *
 * @param queryHeads all query heads of the model
 * @param groupSize query heads in a group; divides those of a layer
 */
public record HeadGroups(ModelHeads queryHeads, int groupSize) {
  public static HeadGroups of(LayerCount layers, AttentionShape attention, HeadAxis axis) {
    return new HeadGroups(
        new ModelHeads(layers, attention.queryHeads()),
        switch (axis) {
          case QUERY_HEAD -> 1;
          case KV_HEAD -> attention.groupSize();
        });
  }

  /** The groups, as the heads that the search decides for. */
  public ModelHeads heads() {
    return new ModelHeads(
        queryHeads.layerCount(), new QueryHeads(queryHeads.inLayer() / groupSize));
  }

  /** The group of a query head. */
  public int groupOf(int queryHeadPlace) {
    return queryHeadPlace / groupSize;
  }

  /** The candidate of each query head, given those of the groups: of all layers, or of one. */
  public int[] ofQueryHeads(int[] candidateOfGroup) {
    int[] candidates = new int[candidateOfGroup.length * groupSize];
    Arrays.setAll(candidates, place -> candidateOfGroup[groupOf(place)]);
    return candidates;
  }
}
