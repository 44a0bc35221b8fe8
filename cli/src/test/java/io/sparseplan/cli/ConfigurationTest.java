package io.sparseplan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Options from a file and from the environment. */
final class ConfigurationTest {
  @TempDir Path directory;

  private Path file(String text) throws IOException {
    return Files.writeString(directory.resolve("sparseplan.yaml"), text);
  }

  private static String[] completed(Map<String, String> environment, Path file, String... more) {
    String[] arguments = new String[more.length + 2];
    System.arraycopy(more, 0, arguments, 0, more.length);
    arguments[more.length] = "--config";
    arguments[more.length + 1] = file.toString();
    return Configuration.of(
            Sparseplan.commandLineFor(arguments), arguments, environment, Path.of(""))
        .completed();
  }

  @Test
  void keysAtTheTopAreForEveryVerbAndThoseOfAVerbForItAlone() throws IOException {
    Path file =
        file(
            """
            threads: 2
            max-time: 0.6
            tune:
              max-time: 0.4
            search:
              batch: 8
            """);
    assertThat(completed(Map.of(), file, "tune", "M"))
        .contains("--threads=2", "--max-time=0.4")
        .doesNotContain("--batch=8");
    assertThat(completed(Map.of(), file, "search", "P"))
        .contains("--max-time=0.6", "--batch=8")
        .doesNotContain("--threads=1");
    assertThat(completed(Map.of(), file, "export", "P")).doesNotContain("--max-time=0.6");
  }

  @Test
  void optionsWinOverVariablesAndVariablesOverTheFile() throws IOException {
    Path file = file("max-time: 0.6\nbatch: 16\nseed: 5\n");
    Map<String, String> environment =
        Map.of("SPARSEPLAN_MAX_TIME", "0.5", "SPARSEPLAN_BATCH", "32", "HOME", "/root");
    assertThat(completed(environment, file, "search", "P", "--max-time", "0.4"))
        .contains("--batch=32", "--seed=5", "0.4")
        .doesNotContain("--max-time=0.5", "--max-time=0.6", "--batch=16");
  }

  @Test
  void listsAndMapsGiveAnOptionAgainAndFlagsHaveNoValue() throws IOException {
    Path file =
        file(
            """
            quiet: true
            lengths: [1024, 2048]
            pin: ["L0.H0=dense", "L1=dense"]
            max-time-at: {2048: 0.5, 1024: 0.9}
            """);
    assertThat(completed(Map.of(), file, "search", "P"))
        .contains("--quiet", "--lengths=1024", "--lengths=2048")
        .contains("--pin=L0.H0=dense", "--pin=L1=dense")
        .contains("--max-time-at=2048=0.5", "--max-time-at=1024=0.9");
    assertThat(completed(Map.of(), file("quiet: false\n"), "search", "P"))
        .noneMatch(argument -> argument.startsWith("--quiet"));
  }

  @Test
  void jsonIsReadAsWell() throws IOException {
    Path file =
        Files.writeString(directory.resolve("c.json"), "{\"search\": {\"max-time\": 0.25}}");
    assertThat(completed(Map.of(), file, "search", "P")).contains("--max-time=0.25");
  }

  @Test
  void whatIsSetIsPrintedWithWhereItComesFromAndIsReadBackAsItWas() throws IOException {
    Path file = file("search:\n  max-time: 0.6\n  lengths: [512, 1024]\n");
    CommandRun run =
        CommandRun.in(
                Map.of("SPARSEPLAN_BATCH", "32"),
                "search",
                directory.resolve("no.profile"),
                "--seed=7",
                "--print-config",
                "--config",
                file)
            .succeeded();
    assertThat(run.out())
        .startsWith("search:\n")
        .contains("  max-time: 0.6 # " + file)
        .contains("  lengths: [512, 1024] # " + file)
        .contains("  batch: 32 # $SPARSEPLAN_BATCH")
        .contains("  seed: 7 # the command line")
        .contains("  device: h100-flex-attention # default")
        .contains("  # max-loss: not set");
    Path again = Files.writeString(directory.resolve("again.yaml"), run.out());
    assertThat(completed(Map.of(), again, "search", "P"))
        .contains("--max-time=0.6", "--lengths=512", "--lengths=1024", "--batch=32", "--seed=7");
  }

  @Test
  void whatTheFileGivesIsUsed() throws IOException {
    Path file = file("search:\n  max-time: 0.5\n  batch: 0\n");
    CommandRun run = CommandRun.of("search", directory.resolve("p"), "--config", file);
    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("--batch (0) must be in");
  }

  @Test
  void unknownKeysAreErrorsThatNameTheNearest() throws IOException {
    assertRefused("max-tiem: 0.5\n", "the key max-tiem,", "Maybe you mean max-time.");
    assertRefused("serach:\n  batch: 1\n", "the key serach,", "Maybe you mean search.");
    assertRefused("search:\n  treads: 1\n", "key search.treads,", "you mean search.threads.");
    CommandRun run =
        CommandRun.in(Map.of("SPARSEPLAN_MAXTIME", "1"), "search", directory.resolve("p"));
    assertThat(run.exitCode()).isEqualTo(ExitCode.BAD_INPUT);
    assertThat(run.err())
        .contains("SPARSEPLAN_MAXTIME (1) is no option")
        .contains("Maybe you mean SPARSEPLAN_MAX_TIME.");
  }

  @Test
  void damagedFilesAreRefused() throws IOException {
    assertRefused("a: [1, 2\n", "is not valid: ", "Maybe ");
    assertRefused("- 1\n- 2\n", "it is no map of options", "Maybe ");
    assertRefused("batch: 1\nbatch: 2\n", "is not valid: ", "Maybe ");
    assertRefused("batch:\n", "the key batch has the value null", "Maybe ");
    assertRefused("quiet: perhaps\n", "quiet is perhaps in", "Maybe ");
    Path latin = Files.write(directory.resolve("latin.yaml"), new byte[] {'a', (byte) 0xe9, 'i'});
    CommandRun.of("search", "p", "--config", latin)
        .failed(ExitCode.BAD_INPUT, "its bytes are no UTF-8 text");
    CommandRun.of("search", "p", "--config", directory.resolve("nowhere"))
        .failed(ExitCode.BAD_INPUT, "nowhere) does not exist");
  }

  private void assertRefused(String text, String problem, String remedy) throws IOException {
    CommandRun.of("search", directory.resolve("p"), "--config", file(text))
        .failed(ExitCode.BAD_INPUT, problem)
        .failed(ExitCode.BAD_INPUT, remedy);
  }

  @Test
  void theVerbThatIsNamedIsMadeAloneAndAllWhereNoneIs() {
    Set<String> all = Sparseplan.commandLine().getSubcommands().keySet();
    assertThat(Sparseplan.commandLineFor("--quiet", "show", "schema").getSubcommands())
        .containsOnlyKeys("show");
    assertThat(Sparseplan.commandLineFor("shwo").getSubcommands()).hasSameSizeAs(all);
    assertThat(Sparseplan.commandLineFor("--help", "show").getSubcommands()).hasSameSizeAs(all);
    assertThat(Sparseplan.commandLineFor("@show", "show").getSubcommands()).hasSameSizeAs(all);
  }

  @Test
  void aVariableMayBeForAnotherVerb() {
    String[] arguments = {"show", "schema"};
    String[] completed =
        Configuration.of(
                Sparseplan.commandLineFor(arguments),
                arguments,
                Map.of("SPARSEPLAN_MAX_CHURN", "0.1"),
                directory)
            .completed();
    assertThat(completed).containsExactly(arguments);
  }
}
