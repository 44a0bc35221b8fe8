package io.sparseplan.cli;

import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The options of verbs under the names that they have in a configuration: without dashes. */
final class OptionNames {
  /** Of one call only. */
  private static final Set<String> NEVER_CONFIGURED =
      Set.of("help", "version", "config", "print-config");

  private OptionNames() {}

  static String of(OptionSpec option) {
    return option.longestName().replaceFirst("^-+", "");
  }

  static boolean isConfigurable(OptionSpec option) {
    return !NEVER_CONFIGURED.contains(of(option));
  }

  /** Those of a command and of what is below it. */
  static Set<String> below(CommandSpec command) {
    var names = new TreeSet<String>();
    command.options().stream()
        .filter(OptionNames::isConfigurable)
        .forEach(option -> names.add(of(option)));
    Collection<CommandLine> verbs = command.subcommands().values();
    verbs.forEach(verb -> names.addAll(below(verb.getCommandSpec())));
    return names;
  }
}
