package io.sparseplan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.plans.BadInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every intake reads or refuses damaged files: no other exception.
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
    var mutation = new Mutation(Intake.all().indexOf(intake));
    for (int n = 0; n < MUTATIONS; n++) {
      byte[] damaged = mutation.of(seed);
      try {
        intake.read(damaged, directory);
      } catch (BadInputException e) {
        assertThat(e.getMessage()).contains("\nMaybe ");
      } catch (RuntimeException | Error e) {
        Path kept = Files.createTempFile(intake.name() + "-", ".damaged");
        throw new AssertionError(
            "%s fails on %s".formatted(intake.name(), Files.write(kept, damaged)), e);
      }
    }
  }

  static List<Intake> withWholeSeeds() {
    // A capture is refused for the samples that are not beside it.
    return Intake.all().stream().filter(intake -> intake != Parser.CAPTURE).toList();
  }

  @ParameterizedTest
  @MethodSource("withWholeSeeds")
  void seedsAreRead(Intake intake) throws IOException {
    intake.read(intake.seed(), directory);
  }

  /** What fuzzing has found once is kept in {@code findings}, as INTAKE.what. */
  @Test
  void findingsStayMended() throws Exception {
    Path findings =
        Path.of(DamagedFilesTest.class.getResource("findings/README").toURI()).getParent();
    List<Path> files;
    try (var found = Files.list(findings)) {
      files = found.filter(file -> !file.endsWith("README")).sorted().toList();
    }
    assertThat(files).isNotEmpty();
    for (Path file : files) {
      Intake intake = Intake.named(file.getFileName().toString().replaceFirst("\\..*", ""));
      try {
        intake.read(Files.readAllBytes(file), directory);
      } catch (BadInputException e) {
        assertThat(e.getMessage()).as(file.toString()).contains("\nMaybe ");
      }
    }
  }
}
