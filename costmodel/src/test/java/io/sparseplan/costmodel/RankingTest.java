package io.sparseplan.costmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparseplan.costmodel.Ranking.Times;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RankingTest {
  @Test
  void predictionsInTheMeasuredOrderHaveATauOfOne() {
    assertThat(Ranking.of(List.of(shape(12, 1)))).isEqualTo(new Ranking(1, 1, 1, 66, 0));
  }

  @Test
  void predictionsInTheOppositeOrderHaveATauOfMinusOne() {
    Ranking ranking = Ranking.of(List.of(shape(12, -1)));
    assertThat(ranking).isEqualTo(new Ranking(1, -1, -1, 66, 66));
    assertThat(ranking.rightPercent()).isZero();
  }

  @Test
  void theMedianAndTheLeastAreOverShapes() {
    assertThat(Ranking.of(List.of(shape(10, 1), shape(10, -1), shape(10, 1))).medianTau())
        .isEqualTo(1);
    Ranking two = Ranking.of(List.of(shape(10, 1), shape(10, -1)));
    assertThat(two.medianTau()).isEqualTo(0);
    assertThat(two.leastTau()).isEqualTo(-1);
    assertThat(two.rightPercent()).isCloseTo(50, within(1e-12));
  }

  @Test
  void shapesOfFewLaunchesDoNotCount() {
    assertThat(Ranking.of(List.of(shape(12, 1), shape(9, -1))))
        .isEqualTo(new Ranking(1, 1, 1, 66, 0));
    assertThat(Ranking.of(List.of(shape(9, 1)))).isEqualTo(new Ranking(0, 0, 0, 0, 0));
    assertThat(Ranking.of(List.of()).rightPercent()).isEqualTo(100);
  }

  @Test
  void pairsWhoseTimesHardlyDifferNeedNotBeInOrder() {
    List<Times> close =
        IntStream.range(0, 10).mapToObj(i -> new Times(100 - i, 100 + 0.1 * i)).toList();
    assertThat(Ranking.of(List.of(close, shape(12, 1))).pairs()).isEqualTo(66);
    assertThat(PairOrder.of(new double[] {2, 1}, new double[] {1, 1.029}).apart()).isZero();
    assertThat(PairOrder.of(new double[] {2, 1}, new double[] {1, 1.031}).wrong()).isOne();
  }

  @Test
  void tiesAreCountedAsKendallDoes() {
    PairOrder order = PairOrder.of(new double[] {1, 2, 2, 3}, new double[] {1, 2, 3, 2});
    // Concordant (1,2), (1,3), (1,4); discordant (3,4); 5 pairs untied in each list.
    assertThat(order.kendallTau()).isCloseTo((3 - 1) / 5.0, within(1e-12));
    assertThat(order.apart()).isEqualTo(5);
    assertThat(order.wrong()).isEqualTo(2);
  }

  private static List<Times> shape(int launches, int direction) {
    return IntStream.rangeClosed(1, launches)
        .mapToObj(i -> new Times(10_000 + direction * i, 100 * i))
        .toList();
  }
}
