package io.sparseplan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** What {@code --help} prints, where a terminal of 80 columns wraps it. */
final class HelpTest {
  private static Stream<CommandLine> verbs() {
    return Sparseplan.commandLine().getSubcommands().values().stream();
  }

  /** The list of verbs shows the first part of each description, and nothing else of it. */
  @ParameterizedTest
  @MethodSource("verbs")
  void everyVerbBeginsWithAWholeSentence(CommandLine verb) {
    for (String part : verb.getCommandSpec().usageMessage().description()) {
      assertThat(part).endsWith(".");
    }
  }

  @Test
  void everyVerbIsListed() {
    String help = CommandRun.of("--help").succeeded().out();
    verbs()
        .forEach(verb -> assertThat(help).containsPattern("\n  " + verb.getCommandName() + "  +"));
  }
}
