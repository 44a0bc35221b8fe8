package io.sparseplan.costmodel.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparseplan.costmodel.fit.CrossValidation.Prediction;
import io.sparseplan.costmodel.measured.MeasuredRow;
import io.sparseplan.costmodel.measured.Measurements;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RankingTest {
  private static final MeasuredRow ROW = Measurements.rows("h100-flex-prefill").getFirst();

  @Test
  void predictionsInTheMeasuredOrderHaveATauOfOne() {
    Ranking ranking = Ranking.of(List.of(shape(12, 1)));
    assertThat(ranking).isEqualTo(new Ranking(1, 1, 66, 100));
  }

  @Test
  void predictionsInTheOppositeOrderHaveATauOfMinusOne() {
    assertThat(Ranking.of(List.of(shape(12, -1)))).isEqualTo(new Ranking(1, -1, 66, 0));
  }

  @Test
  void theMedianIsOverShapes() {
    assertThat(Ranking.of(List.of(shape(10, 1), shape(10, -1), shape(10, 1))).medianTau())
        .isCloseTo(1, within(0.0));
    assertThat(Ranking.of(List.of(shape(10, 1), shape(10, -1))).medianTau())
        .isCloseTo(0, within(0.0));
  }

  @Test
  void shapesOfFewLaunchesDoNotCount() {
    assertThat(Ranking.of(List.of(shape(12, 1), shape(9, -1))))
        .isEqualTo(new Ranking(1, 1, 66, 100));
  }

  @Test
  void pairsWhoseTimesHardlyDifferNeedNotBeInOrder() {
    List<Prediction> close =
        IntStream.range(0, 10).mapToObj(i -> prediction(100 + 0.1 * i, 100 - i)).toList();
    assertThat(Ranking.of(List.of(close, shape(12, 1))).distinctPairs()).isEqualTo(66);
  }

  private static List<Prediction> shape(int launches, int direction) {
    return IntStream.rangeClosed(1, launches)
        .mapToObj(i -> prediction(100 * i, 10_000 + direction * i))
        .toList();
  }

  private static Prediction prediction(double measuredMicros, double predictedMicros) {
    return new Prediction(new MeasuredLaunch(ROW, List.of(), measuredMicros), predictedMicros);
  }
}
