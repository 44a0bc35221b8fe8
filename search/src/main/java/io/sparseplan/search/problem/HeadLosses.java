package io.sparseplan.search.problem;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.plan.Workload;
import io.sparseplan.plans.profile.LossStatistic;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.plans.profile.ProfiledLoss;
import java.util.function.IntFunction;

/**
 * What each candidate loses in each head: at one length, and as the mean over the lengths of a
 * workload by their weights.
 */
public final class HeadLosses {
  private final double[][][] byLength;
  private final double[][] mean;
  private final Offers offers;

  /**
   * @param byLength byLength[length][head][candidate], none negative
   * @param weights how often each length occurs
   */
  public HeadLosses(double[][][] byLength, double[] weights) {
    this.byLength = byLength;
    this.offers = Offers.FIXED_ALONE;
    int heads = byLength[0].length;
    this.mean = new double[heads][byLength[0][0].length];
    double allWeights = 0;
    for (double weight : weights) {
      allWeights += weight;
    }
    for (int head = 0; head < heads; head++) {
      for (int candidate = 0; candidate < mean[head].length; candidate++) {
        double sum = 0;
        for (int n = 0; n < weights.length; n++) {
          sum += weights[n] * byLength[n][head][candidate];
        }
        mean[head][candidate] = sum / allWeights;
      }
    }
  }

  /**
   * Profiled losses, and those of the {@link LossTrend} at lengths that were not profiled.
   *
   * @throws BadInputException if the profile does not hold the statistic, or shows no trend
   */
  public static HeadLosses of(Profile profile, LossStatistic statistic, Workload workload) {
    var losses = new ProfiledLoss(profile, statistic);
    int heads = profile.model().headCount();
    double[][][] byLength = new double[workload.lengths().size()][heads][];
    for (int n = 0; n < byLength.length; n++) {
      var length = workload.lengths().get(n).length();
      IntFunction<double[]> ofHead =
          losses.lengths().contains(length)
              ? head -> losses.ofHead(length, head)
              : new LossTrend(profile, losses, length)::ofHead;
      for (int head = 0; head < heads; head++) {
        byLength[n][head] = ofHead.apply(head);
      }
    }
    return new HeadLosses(
        byLength, workload.lengths().stream().mapToDouble(Workload.Entry::weight).toArray());
  }

  /** The losses of groups: the sums over their heads. */
  public HeadLosses ofGroups(HeadGroups groups) {
    return groups.groupSize() == 1 ? this : new HeadLosses(this, groups);
  }

  /** The same, where candidates are numbered as these offers. */
  public HeadLosses numbered(Offers numbers) {
    return new HeadLosses(byLength, mean, numbers);
  }

  /** The same, with a mean by other weights of the lengths. */
  public HeadLosses weighted(double[] weights) {
    return new HeadLosses(byLength, weights).numbered(offers);
  }

  private HeadLosses(double[][][] byLength, double[][] mean, Offers offers) {
    this.byLength = byLength;
    this.mean = mean;
    this.offers = offers;
  }

  private HeadLosses(HeadLosses ofHeads, HeadGroups groups) {
    this.byLength = new double[ofHeads.byLength.length][][];
    for (int n = 0; n < byLength.length; n++) {
      byLength[n] = sums(ofHeads.byLength[n], groups);
    }
    this.mean = sums(ofHeads.mean, groups);
    this.offers = ofHeads.offers;
  }

  private static double[][] sums(double[][] ofHeads, HeadGroups groups) {
    double[][] sums = new double[groups.heads().count()][ofHeads[0].length];
    for (int head = 0; head < ofHeads.length; head++) {
      double[] ofGroup = sums[groups.groupOf(head)];
      for (int candidate = 0; candidate < ofGroup.length; candidate++) {
        ofGroup[candidate] += ofHeads[head][candidate];
      }
    }
    return sums;
  }

  public int heads() {
    return mean.length;
  }

  /** The loss of a candidate at one length; heads in layer-major order. */
  public double at(int lengthIndex, int head, int candidate) {
    return byLength[lengthIndex][head][offers.candidate(candidate)];
  }

  /** The mean loss of a candidate over the lengths. */
  public double mean(int head, int candidate) {
    return mean[head][offers.candidate(candidate)];
  }

  /** The sum over heads of the mean losses. */
  public double total(int[] candidateOfHead) {
    double total = 0;
    for (int head = 0; head < candidateOfHead.length; head++) {
      total += mean(head, candidateOfHead[head]);
    }
    return total;
  }
}
