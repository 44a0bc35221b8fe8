package io.sparseplan.costmodel;

import io.sparseplan.costmodel.runtime.AttentionRuntime;
import io.sparseplan.costmodel.runtime.HeadOrder;
import io.sparseplan.costmodel.runtime.Launches;
import java.util.Arrays;
import java.util.Comparator;

/** Heads in the order in which a runtime launches them; equal ones stay in the model's order. */
final class HeadOrdering {
  private static final Comparator<HeadBlocks> BY_WORK =
      Comparator.comparingLong(HeadBlocks::workTicks);

  private HeadOrdering() {}

  static HeadBlocks[] of(HeadOrder order, HeadBlocks[] heads) {
    return switch (order) {
      case MODEL -> heads;
      case LEAST_WORK_FIRST -> sorted(heads, BY_WORK);
      case MOST_WORK_FIRST -> sorted(heads, BY_WORK.reversed());
    };
  }

  /** Whether all heads of a layer are launched together, as the model numbers them. */
  static boolean isOfModel(AttentionRuntime runtime) {
    return runtime.launches() == Launches.PER_LAYER && runtime.headOrder() == HeadOrder.MODEL;
  }

  private static HeadBlocks[] sorted(HeadBlocks[] heads, Comparator<HeadBlocks> order) {
    HeadBlocks[] sorted = heads.clone();
    Arrays.sort(sorted, order);
    return sorted;
  }
}
