package io.sparseplan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.plans.BadInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every parser reads or refuses whatever it is given: no other exception, no memory that the file
 * does not justify, no hang.
 *
 * <p>By hand, for long: {@code -Dsparseplan.fuzz.seconds=600 -Dsparseplan.parser=PLAN}.
 */
final class FuzzTest {
  /** With every build for a few seconds, over all parsers together. */
  private static final int SECONDS = Integer.getInteger("sparseplan.fuzz.seconds", 4);

  private static final String PARSER = System.getProperty("sparseplan.parser", "");

  /** Mutations of each seed. */
  private static final int MUTATIONS = Integer.getInteger("sparseplan.mutations", 200);

  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource(Parser.class)
  void damagedSeedsAreReadOrRefused(Parser parser) throws IOException {
    byte[] seed = parser.seed();
    var mutation = new Mutation(parser.ordinal());
    for (int n = 0; n < MUTATIONS; n++) {
      byte[] damaged = mutation.of(seed);
      try {
        parser.read(damaged, directory);
      } catch (BadInputException e) {
        assertThat(e.getMessage()).contains("\nMaybe ");
      } catch (RuntimeException | StackOverflowError e) {
        throw new AssertionError(
            "%s fails on %s".formatted(parser, Files.write(keptFile(parser), damaged)), e);
      }
    }
  }

  private static Path keptFile(Parser parser) throws IOException {
    return Files.createTempFile("sparseplan-" + parser, ".damaged");
  }

  @ParameterizedTest
  @EnumSource(
      value = Parser.class,
      mode = EnumSource.Mode.EXCLUDE,
      // What belongs to them is not beside them: they are refused, and say so.
      names = {"CAPTURE"})
  void seedsAreRead(Parser parser) throws IOException {
    parser.read(parser.seed(), directory);
  }

  /** What fuzzing has found once is kept in {@code findings}, named after its parser. */
  @Test
  void findingsStayMended() throws Exception {
    Path findings = Path.of(FuzzTest.class.getResource("findings/README").toURI()).getParent();
    List<Path> files;
    try (var found = Files.list(findings)) {
      files = found.filter(file -> !file.endsWith("README")).sorted().toList();
    }
    for (Path file : files) {
      Parser parser = Parser.valueOf(file.getFileName().toString().replaceFirst("-.*", ""));
      try {
        parser.read(Files.readAllBytes(file), directory);
      } catch (BadInputException e) {
        assertThat(e.getMessage()).as(file.toString()).contains("\nMaybe ");
      }
    }
  }

  @Test
  void coverageGuidedFuzzingFindsNothing() throws Exception {
    Path corpus = Files.createDirectory(directory.resolve("corpus"));
    for (Parser parser : Parser.values()) {
      if (PARSER.isEmpty() || PARSER.equals(parser.name())) {
        byte[] seed = parser.seed();
        var input = new byte[seed.length + (PARSER.isEmpty() ? 1 : 0)];
        input[0] = (byte) parser.ordinal();
        System.arraycopy(seed, 0, input, input.length - seed.length, seed.length);
        Files.write(corpus.resolve(parser.name()), input);
      }
    }
    Path log = directory.resolve("jazzer.log");
    Process jazzer =
        new ProcessBuilder(command(corpus))
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    boolean ended = jazzer.waitFor(SECONDS + 120L, TimeUnit.SECONDS);
    jazzer.destroyForcibly();
    String said = Files.readString(log);
    assertThat(ended).as(said).isTrue();
    assertThat(jazzer.exitValue()).as(said).isZero();
    assertThat(said).contains("DONE");
    if (SECONDS > 4) {
      System.out.println(said.lines().filter(line -> line.contains("DONE")).toList());
    }
  }

  private static List<String> command(Path corpus) {
    var command = new ArrayList<>(ForkedRun.java());
    command.addAll(
        List.of(
            "-XX:+EnableDynamicAgentLoading",
            "-Xmx1g",
            "-Dsparseplan.parser=" + PARSER,
            "com.code_intelligence.jazzer.Jazzer",
            "--target_class=" + FuzzTarget.class.getName(),
            "--instrumentation_includes=io.sparseplan.**",
            "-max_total_time=" + SECONDS,
            "-timeout=20",
            "-rss_limit_mb=4000",
            "-max_len=20000",
            corpus.toString()));
    return command;
  }
}
