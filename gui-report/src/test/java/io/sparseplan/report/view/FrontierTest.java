package io.sparseplan.report.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class FrontierTest {
  @RepeatedTest(200)
  void holdsTheChoiceAndEveryCandidateThatNoOtherBeats(RepetitionInfo repetition) {
    var random = new Random(repetition.getCurrentRepetition());
    int count = 1 + random.nextInt(12);
    double[] densities = random.ints(count, 1, 6).asDoubleStream().toArray();
    double[] losses = random.ints(count, 0, 6).asDoubleStream().toArray();
    int chosen = random.nextInt(count);

    assertThat(Frontier.of(densities, losses, chosen))
        .containsExactlyElementsOf(reference(densities, losses, chosen));
  }

  @Test
  void ofEqualCandidatesTheFirstStays() {
    assertThat(Frontier.of(new double[] {1, 1}, new double[] {0, 0}, 0)).containsExactly(0);
  }

  private static List<Integer> reference(double[] densities, double[] losses, int chosen) {
    return IntStream.range(0, densities.length)
        .boxed()
        .filter(
            mine ->
                mine == chosen
                    || IntStream.range(0, densities.length)
                        .noneMatch(other -> beats(densities, losses, other, mine)))
        .sorted(
            Comparator.comparingDouble((Integer place) -> densities[place])
                .thenComparingDouble(place -> losses[place])
                .thenComparingInt(place -> place))
        .toList();
  }

  private static boolean beats(double[] densities, double[] losses, int other, int mine) {
    boolean noWorse = densities[other] <= densities[mine] && losses[other] <= losses[mine];
    boolean better = densities[other] < densities[mine] || losses[other] < losses[mine];
    return noWorse && (better || other < mine);
  }
}
