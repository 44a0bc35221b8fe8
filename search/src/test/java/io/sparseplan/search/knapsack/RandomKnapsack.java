package io.sparseplan.search.knapsack;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Instances of many characters, each a function of its seed. */
final class RandomKnapsack {
  private RandomKnapsack() {}

  /** At most 6 heads of at most 5 options, sometimes with nothing that fits. */
  static MultipleChoice small(long seed, int budgets) {
    var random = new SplittableRandom(seed);
    int heads = random.nextInt(1, 7);
    long scale = 1L << random.nextInt(2, 44);
    long[][] loss = new long[heads][];
    for (int head = 0; head < heads; head++) {
      loss[head] = random.longs(random.nextInt(1, 6), 0, scale).toArray();
    }
    return new MultipleChoice(
        loss,
        IntStream.range(0, budgets)
            .mapToObj(
                k -> {
                  long costScale = 1L << random.nextInt(2, 44);
                  long[][] cost =
                      Arrays.stream(loss)
                          .map(ofHead -> random.longs(ofHead.length, 0, costScale).toArray())
                          .toArray(long[][]::new);
                  return new CostBudget(cost, random.nextLong(costScale * heads));
                })
            .toList());
  }

  /** Heads that share their costs, with losses that fall as the cost rises: as attention has it. */
  static MultipleChoice attentionLike(long seed, int heads, int options, double budgetShare) {
    var random = new SplittableRandom(seed);
    long[] costs = random.longs(options, 1L << 30, 1L << 36).sorted().toArray();
    long[][] loss = new long[heads][options];
    long[][] cost = new long[heads][];
    for (int head = 0; head < heads; head++) {
      double steepness = random.nextDouble(0.5, 8);
      double height = Math.pow(10, random.nextDouble(-3, 0));
      for (int option = 0; option < options; option++) {
        double left = 1 - (double) costs[option] / costs[options - 1];
        loss[head][option] = (long) (height * Math.pow(left, steepness) * 0x1p40);
      }
      cost[head] = costs;
    }
    long capacity = (long) (budgetShare * heads * costs[options - 1]);
    return new MultipleChoice(loss, List.of(new CostBudget(cost, capacity)));
  }

  /**
   * Of up to so many heads and 30 options, by turns {@link #attentionLike} and with losses that
   * have nothing to do with the costs; in numbers that CP-SAT's floating-point objective holds
   * exactly.
   */
  static MultipleChoice forReferee(long seed, int mostHeads) {
    var random = new SplittableRandom(seed);
    int heads = seed % 10 == 0 ? mostHeads : random.nextInt(8, mostHeads + 1);
    int options = seed % 10 == 0 ? 30 : random.nextInt(3, 31);
    double budgetShare = random.nextDouble(0.15, 0.9);
    MultipleChoice alike = attentionLike(seed, heads, options, budgetShare);
    boolean unrelated = seed % 2 == 1;
    long[][] loss = new long[heads][options];
    long[][] cost = new long[heads][options];
    for (int head = 0; head < heads; head++) {
      for (int option = 0; option < options; option++) {
        loss[head][option] =
            unrelated ? random.nextLong(1 << 20) : alike.loss()[head][option] >> 20;
        cost[head][option] =
            unrelated
                ? random.nextLong(1 << 16)
                : alike.budgets().getFirst().cost()[head][option] >> 20;
      }
    }
    long capacity = 0;
    for (long[] ofHead : cost) {
      capacity += (long) (0.5 * budgetShare * Arrays.stream(ofHead).max().orElseThrow());
    }
    return new MultipleChoice(loss, List.of(new CostBudget(cost, capacity)));
  }
}
