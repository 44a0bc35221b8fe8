package io.sparseplan.costmodel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/**
 * Whether predictions put launches in the order of their measured times. Launches are compared
 * within a shape, which is what a search does; shapes with fewer than ten launches are left out.
 *
 * @param shapes that have enough launches
 * @param medianTau Kendall's τ-b (Biometrika 33, 1945), median over the shapes, −1..1
 * @param leastTau the smallest of them
 * @param pairs within shapes, of measured times more than 3 % apart
 * @param wrongPairs of these, predicted in the other order or as equal
 */
public record Ranking(int shapes, double medianTau, double leastTau, long pairs, long wrongPairs) {
  /** Shapes with fewer launches are left out. */
  public static final int LEAST_LAUNCHES = 10;

  /** Times further apart than this, ÷ the smaller, can be told apart by a clock. */
  public static final double APART = 0.03;

  /** The times of one launch, in one unit. */
  public record Times(double predicted, double measured) {}

  /** The ranking of launches by shape; of no shapes where none has enough launches. */
  public static Ranking of(Collection<List<Times>> shapes) {
    var taus = new ArrayList<Double>();
    long pairs = 0;
    long wrong = 0;
    for (List<Times> shape : shapes) {
      if (shape.size() >= LEAST_LAUNCHES) {
        var order =
            PairOrder.of(
                shape.stream().mapToDouble(Times::predicted).toArray(),
                shape.stream().mapToDouble(Times::measured).toArray());
        taus.add(order.kendallTau());
        pairs += order.apart();
        wrong += order.wrong();
      }
    }
    double[] ascending = taus.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    return new Ranking(ascending.length, median(ascending), least(ascending), pairs, wrong);
  }

  private static double median(double[] ascending) {
    int count = ascending.length;
    return count == 0 ? 0 : (ascending[(count - 1) / 2] + ascending[count / 2]) / 2;
  }

  private static double least(double[] ascending) {
    return Arrays.stream(ascending).findFirst().orElse(0);
  }

  /** How many of the pairs are in the right order, in percent; 100 where there are none. */
  public double rightPercent() {
    return pairs == 0 ? 100 : 100.0 * (pairs - wrongPairs) / pairs;
  }
}
