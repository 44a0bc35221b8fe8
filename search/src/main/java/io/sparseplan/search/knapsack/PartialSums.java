package io.sparseplan.search.knapsack;

import java.util.Arrays;

/**
 * What the heads decided so far can cost and lose together: ascending cost, descending loss, no
 * entry beaten by another. Each remembers the entry it came from and the option that was added.
 */
final class PartialSums {
  private long[] cost;
  private long[] loss;
  private int[] parent;
  private int[] option;
  private int size;

  private PartialSums(int capacity) {
    cost = new long[capacity];
    loss = new long[capacity];
    parent = new int[capacity];
    option = new int[capacity];
  }

  /** The one sum before any head is decided. */
  static PartialSums start(long cost, long loss) {
    var sums = new PartialSums(1);
    sums.add(cost, loss, -1, -1);
    return sums;
  }

  static PartialSums none() {
    return new PartialSums(0);
  }

  int size() {
    return size;
  }

  long cost(int entry) {
    return cost[entry];
  }

  long loss(int entry) {
    return loss[entry];
  }

  int parent(int entry) {
    return parent[entry];
  }

  int option(int entry) {
    return option[entry];
  }

  /** Says which sums are worth keeping. */
  @FunctionalInterface
  interface Keep {
    boolean test(long cost, long loss);
  }

  /** These sums with one option added to each, as far as they are worth keeping. */
  PartialSums plus(int addedOption, long addedCost, long addedLoss, Keep keep) {
    var sums = new PartialSums(size);
    for (int entry = 0; entry < size; entry++) {
      long newCost = cost[entry] + addedCost;
      long newLoss = loss[entry] + addedLoss;
      if (keep.test(newCost, newLoss)) {
        sums.add(newCost, newLoss, entry, addedOption);
      }
    }
    return sums;
  }

  /** The sums of both that no other beats. */
  PartialSums merge(PartialSums other) {
    var merged = new PartialSums(size + other.size);
    int a = 0;
    int b = 0;
    while (a < size || b < other.size) {
      boolean takeOther =
          a == size
              || b < other.size
                  && (other.cost[b] < cost[a]
                      || other.cost[b] == cost[a] && other.loss[b] < loss[a]);
      PartialSums from = takeOther ? other : this;
      int entry = takeOther ? b++ : a++;
      if (merged.size == 0 || from.loss[entry] < merged.loss[merged.size - 1]) {
        merged.add(from.cost[entry], from.loss[entry], from.parent[entry], from.option[entry]);
      }
    }
    return merged;
  }

  /** Those of the entries that are marked, in their order. */
  PartialSums only(boolean[] marked) {
    var kept = new PartialSums(size);
    for (int entry = 0; entry < size; entry++) {
      if (marked[entry]) {
        kept.add(cost[entry], loss[entry], parent[entry], option[entry]);
      }
    }
    return kept;
  }

  /** Gives back what was set aside for more entries. */
  PartialSums trimmed() {
    cost = Arrays.copyOf(cost, size);
    loss = Arrays.copyOf(loss, size);
    parent = Arrays.copyOf(parent, size);
    option = Arrays.copyOf(option, size);
    return this;
  }

  private void add(long newCost, long newLoss, int from, int added) {
    cost[size] = newCost;
    loss[size] = newLoss;
    parent[size] = from;
    option[size] = added;
    size++;
  }
}
