package io.sparseplan.costmodel;

import io.sparseplan.costmodel.runtime.AttentionRuntime;
import io.sparseplan.costmodel.runtime.HeadOrder;
import io.sparseplan.costmodel.runtime.Launches;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Heads in the order in which a runtime launches them; equal ones stay in the model's order. */
final class HeadOrdering {
  private HeadOrdering() {}

  /** Indices of the heads. */
  static List<Integer> of(HeadOrder order, HeadBlocks[] heads) {
    List<Integer> ofModel = IntStream.range(0, heads.length).boxed().toList();
    Comparator<Integer> byWork = Comparator.comparingLong(head -> heads[head].workTicks());
    return switch (order) {
      case MODEL -> ofModel;
      case LEAST_WORK_FIRST -> ofModel.stream().sorted(byWork).toList();
      case MOST_WORK_FIRST -> ofModel.stream().sorted(byWork.reversed()).toList();
    };
  }

  /** Whether all heads of a layer are launched together, as the model numbers them. */
  static boolean isOfModel(AttentionRuntime runtime) {
    return runtime.launches() == Launches.PER_LAYER && runtime.headOrder() == HeadOrder.MODEL;
  }
}
