package io.sparseplan.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every intake reads or refuses damaged files: no other exception, no time or memory that the file
 * does not justify.
 *
 * <p>By hand, for long: {@code -Dsparseplan.mutations=100000}.
 */
final class DamagedFilesTest {
  /** Of each seed. */
  private static final int MUTATIONS = Integer.getInteger("sparseplan.mutations", 20);

  @TempDir Path directory;

  static List<Intake> all() {
    return Intake.all();
  }

  @ParameterizedTest
  @MethodSource("all")
  void damagedSeedsAreReadOrRefused(Intake intake) throws IOException {
    byte[] seed = intake.seed();
    intake.lay(directory);
    var mutation = new Mutation(Intake.all().indexOf(intake));
    for (int n = 0; n < MUTATIONS; n++) {
      byte[] damaged = mutation.of(seed);
      try {
        Scrutiny.read(intake, damaged, directory);
      } catch (RuntimeException | Error e) {
        Path kept = Files.createTempFile(intake.name() + "-", ".damaged");
        throw new AssertionError(
            "%s fails on %s".formatted(intake.name(), Files.write(kept, damaged)), e);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void seedsAreRead(Intake intake) throws IOException {
    intake.lay(directory);
    intake.read(intake.seed(), directory);
  }

  @ParameterizedTest
  @MethodSource("all")
  void whatFuzzingHasFoundStaysMended(Intake intake) throws IOException {
    intake.lay(directory);
    for (Path found : Intake.findings(intake)) {
      assertThatCode(() -> Scrutiny.read(intake, Files.readAllBytes(found), directory))
          .as(found.toString())
          .doesNotThrowAnyException();
    }
  }

  @Test
  void everyFindingIsOfAnIntake() throws IOException {
    var read = new ArrayList<Path>();
    for (Intake intake : Intake.all()) {
      read.addAll(Intake.findings(intake));
    }
    assertThat(read).isNotEmpty().hasSameElementsAs(Intake.findings());
  }
}
