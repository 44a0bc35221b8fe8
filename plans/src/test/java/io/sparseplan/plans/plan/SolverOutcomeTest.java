package io.sparseplan.plans.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.plans.plan.SearchStep.Stage;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class SolverOutcomeTest {
  private static SolverOutcome withTrail(int first, int count) {
    List<SearchStep> trail =
        IntStream.range(first, first + count)
            .mapToObj(nth -> new SearchStep(Stage.DECOMPOSITION, nth, 1, 1, 0, Optional.of(0.5)))
            .toList();
    var bounded = new Bounded(1, 0);
    return new SolverOutcome(Strategy.OPTAPLANNER, bounded, bounded, 0.5, 42, 10, 100, true, trail);
  }

  private static List<Long> layers(SolverOutcome outcome) {
    return outcome.trail().stream().map(SearchStep::simulatedLayers).toList();
  }

  @Test
  void aSearchThatWentOnTellsOfBoth() {
    SolverOutcome both = withTrail(3, 1).after(withTrail(0, 3));
    assertThat(layers(both)).containsExactly(0L, 1L, 2L, 3L);
    assertThat(both.steps()).isEqualTo(20);
    assertThat(both.scoreCalculations()).isEqualTo(200);
  }

  @Test
  void aLongTrailKeepsItsBeginningAndTheEndsOfBothSearches() {
    int longest = SolverOutcome.LONGEST_TRAIL;
    SolverOutcome both = withTrail(longest, 2).after(withTrail(0, longest));
    assertThat(layers(both))
        .hasSize(longest)
        .startsWith(0L, 1L)
        .endsWith(longest - 4L, longest - 1L, (long) longest, longest + 1L);
  }
}
