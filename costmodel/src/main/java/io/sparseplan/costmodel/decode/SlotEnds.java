package io.sparseplan.costmodel.decode;

import java.util.Arrays;

/**
 * When the slots of a GPU fall idle for good, if every block ran at the speed of a block that is
 * alone on the GPU: list scheduling in launch order, each block in the slot that frees first.
 */
final class SlotEnds {
  private SlotEnds() {}

  /**
   * @param workMicros the blocks' times in launch order
   * @param slots blocks that run at once
   * @return ascending, one for each slot that had a block
   */
  static double[] of(double[] workMicros, int slots) {
    int used = Math.min(slots, workMicros.length);
    // A sorted array is a heap.
    double[] heap = Arrays.copyOf(workMicros, used);
    Arrays.sort(heap);
    for (int block = used; block < workMicros.length; block++) {
      replaceFirst(heap, heap[0] + workMicros[block]);
    }
    Arrays.sort(heap);
    return heap;
  }

  private static void replaceFirst(double[] heap, double value) {
    int at = 0;
    for (int child = 1; child < heap.length; child = 2 * at + 1) {
      if (child + 1 < heap.length && heap[child + 1] < heap[child]) {
        child++;
      }
      if (heap[child] >= value) {
        break;
      }
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = value;
  }
}
