package io.sparseplan.plans.format;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.format.ScoredHeads.HeadScore;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Which heads become sparse: the share of them with the lowest mean scores, over all layers. Where
 * the last to be taken ties with the first to be left the share is refused: DuoAttention and LServe
 * break such ties with random noise, and get another plan each time.
 */
final class SparsestHeads {
  private SparsestHeads() {}

  /**
   * Whether each head becomes sparse, {@code [layer][head]}.
   *
   * @param sparsity the share of heads, 0..1, rounded to a whole number of them
   * @throws BadInputException if the share parts heads of one score
   */
  static List<List<Boolean>> of(ScoredHeads scores, double sparsity) {
    double[] means =
        scores.layers().stream().flatMap(List::stream).mapToDouble(HeadScore::mean).toArray();
    List<Integer> rising =
        IntStream.range(0, means.length)
            .boxed()
            .sorted(Comparator.comparingDouble(place -> means[place]))
            .toList();
    int count = (int) Math.round(sparsity * means.length);
    if (count > 0 && count < means.length) {
      requireApart(means, rising, count, sparsity);
    }
    boolean[] sparse = new boolean[means.length];
    rising.subList(0, count).forEach(place -> sparse[place] = true);
    var layers = new ArrayList<List<Boolean>>();
    int place = 0;
    for (List<HeadScore> layer : scores.layers()) {
      var heads = new ArrayList<Boolean>();
      for (int head = 0; head < layer.size(); head++) {
        heads.add(sparse[place++]);
      }
      layers.add(heads);
    }
    return layers;
  }

  private static void requireApart(
      double[] means, List<Integer> rising, int count, double sparsity) {
    double tied = means[rising.get(count)];
    if (means[rising.get(count - 1)] != tied) {
      return;
    }
    int below = (int) rising.stream().filter(place -> means[place] < tied).count();
    int through = (int) rising.stream().filter(place -> means[place] <= tied).count();
    throw new BadInputException(
        "The sparsity (%s) takes %d of %d heads, and parts %d heads that all have the score %s."
            .formatted(sparsity, count, means.length, through - below, tied),
        "give --sparsity %s or %s, which do not."
            .formatted((double) below / means.length, (double) through / means.length));
  }
}
