package io.sparseplan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.cli.Fuzzing.Extent;
import io.sparseplan.cli.Fuzzing.Outcome;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * With every build a few seconds of fuzzing over all intakes together, the same inputs every time;
 * {@code bin/fuzz} goes on for as long as one likes, with others.
 */
final class FuzzTest {
  private static final long EXECUTIONS = 2_500;

  @TempDir Path directory;

  @Test
  void findsNothing() throws Exception {
    Outcome outcome =
        new Fuzzing(Intake.all(), directory).run(new Extent.SameExecutions(EXECUTIONS));
    assertThat(outcome.isClean()).as(outcome.log()).isTrue();
    assertThat(outcome.executions().orElseThrow())
        .as(outcome.log())
        .isGreaterThanOrEqualTo(EXECUTIONS);
  }
}
