package io.sparseplan.cli;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.JsonFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * Completes a command line from the environment and a file. What is given as an option wins, then
 * {@code SPARSEPLAN_*} variables, then the file. The completed command line is what is run and what
 * files say they were made by, so that a run can be repeated without either.
 */
final class Configuration {
  private static final String PREFIX = "SPARSEPLAN_";
  private static final String FILE_VARIABLE = PREFIX + "CONFIG";

  /** Read by the launcher. */
  private static final Set<String> OF_LAUNCHER =
      Set.of(PREFIX + "JAVA_HOME", PREFIX + "JAVA_OPTIONS", FILE_VARIABLE);

  private final CommandLine command;
  private final String[] arguments;
  private final ParseResult given;
  private final Map<String, Setting> settings;

  private Configuration(
      CommandLine command, String[] arguments, ParseResult given, Map<String, Setting> settings) {
    this.command = command;
    this.arguments = arguments;
    this.given = given;
    this.settings = settings;
  }

  /**
   * @param command what will be run; it is parsed here, and again when it is run
   * @param directory where a file of a usual name is looked for
   * @throws BadInputException if the file or a variable names no option
   */
  static Configuration of(
      CommandLine command, String[] arguments, Map<String, String> environment, Path directory) {
    ParseResult all = parse(command, arguments);
    var settings = new TreeMap<String, Setting>();
    if (all.hasSubcommand()) {
      String verb = all.subcommand().commandSpec().name();
      file(leaf(all), environment, directory)
          .ifPresent(file -> settings.putAll(ConfigFile.read(file, everyVerb(), verb)));
      settings.putAll(variables(environment));
    }
    return new Configuration(command, arguments, leaf(all), settings);
  }

  /** Whose options a file and variables may name. */
  private static CommandSpec everyVerb() {
    return Sparseplan.commandLine().getCommandSpec();
  }

  /** Mistakes are reported when the completed command line is run. */
  private static ParseResult parse(CommandLine command, String[] arguments) {
    collectErrors(command, true);
    try {
      return command.parseArgs(arguments);
    } finally {
      collectErrors(command, false);
    }
  }

  private static void collectErrors(CommandLine command, boolean collect) {
    command.getCommandSpec().parser().collectErrors(collect);
    command.getSubcommands().values().forEach(verb -> collectErrors(verb, collect));
  }

  private static ParseResult leaf(ParseResult result) {
    return result.hasSubcommand() ? leaf(result.subcommand()) : result;
  }

  private static Optional<Path> file(
      ParseResult leaf, Map<String, String> environment, Path directory) {
    return Sparseplan.of(leaf.commandSpec())
        .config()
        .or(() -> Optional.ofNullable(environment.get(FILE_VARIABLE)).map(Path::of))
        .or(() -> ConfigFile.in(directory));
  }

  private static Map<String, Setting> variables(Map<String, String> environment) {
    List<String> given =
        environment.keySet().stream()
            .filter(variable -> variable.startsWith(PREFIX) && !OF_LAUNCHER.contains(variable))
            .sorted()
            .toList();
    if (given.isEmpty()) {
      return Map.of();
    }
    Map<String, String> nameOfVariable = new TreeMap<>();
    OptionNames.below(everyVerb())
        .forEach(
            name ->
                nameOfVariable.put(PREFIX + name.replace('-', '_').toUpperCase(Locale.ROOT), name));
    var settings = new TreeMap<String, Setting>();
    for (String variable : given) {
      String name = nameOfVariable.get(variable);
      if (name == null) {
        throw new BadInputException(
            "The environment variable %s (%s) is no option."
                .formatted(variable, environment.get(variable)),
            "you mean %s.".formatted(NearestName.of(variable, nameOfVariable.keySet())));
      }
      settings.put(name, new Setting(List.of(environment.get(variable)), "$" + variable));
    }
    return settings;
  }

  /** The command line with what was not given. */
  String[] completed() {
    if (given.isUsageHelpRequested() || given.isVersionHelpRequested()) {
      return arguments;
    }
    var more = new ArrayList<String>();
    for (OptionSpec option : given.commandSpec().options()) {
      source(option)
          .ifPresent(
              setting -> setting.values().forEach(value -> add(option, value, setting, more)));
    }
    var completed = new ArrayList<>(Arrays.asList(arguments));
    int end = completed.indexOf("--");
    completed.addAll(end < 0 ? completed.size() : end, more);
    return completed.toArray(String[]::new);
  }

  private Optional<Setting> source(OptionSpec option) {
    return given.hasMatchedOption(option) || !OptionNames.isConfigurable(option)
        ? Optional.empty()
        : Optional.ofNullable(settings.get(OptionNames.of(option)));
  }

  private static void add(OptionSpec option, String value, Setting setting, List<String> more) {
    if (option.arity().max() > 0) {
      more.add(option.longestName() + "=" + value);
    } else if (value.equalsIgnoreCase("true")) {
      more.add(option.longestName());
    } else if (!value.equalsIgnoreCase("false")) {
      throw new BadInputException(
          "The option %s is %s in %s; it is true or false."
              .formatted(OptionNames.of(option), value, setting.source()),
          "leave it out.");
    }
  }

  /** Whether the completed configuration is asked for, and nothing else. */
  boolean isToBePrinted() {
    return given.hasMatchedOption("--print-config");
  }

  /** Every option of the verb with its value and where that comes from, as a file has them. */
  String text() {
    ParseResult effective = leaf(parse(command, completed()));
    var text = new StringBuilder(effective.commandSpec().name()).append(":\n");
    for (OptionSpec option : effective.commandSpec().options()) {
      if (OptionNames.isConfigurable(option)) {
        text.append(line(option, effective)).append('\n');
      }
    }
    return text.toString();
  }

  private String line(OptionSpec option, ParseResult effective) {
    String name = OptionNames.of(option);
    if (effective.hasMatchedOption(option)) {
      String source = source(option).map(Setting::source).orElse("the command line");
      return "  %s: %s # %s".formatted(name, values(effective.matchedOption(name)), source);
    }
    String usual = option.defaultValue();
    return usual == null
        ? "  # %s: not set".formatted(name)
        : "  %s: %s # default".formatted(name, quoted(usual));
  }

  private static String values(OptionSpec option) {
    List<String> values = option.stringValues();
    return values.size() == 1
        ? quoted(values.getFirst())
        : "[%s]".formatted(String.join(", ", values.stream().map(Configuration::quoted).toList()));
  }

  /** JSON's strings are YAML's; what needs no quotes has none. */
  private static String quoted(String value) {
    return value.matches("[A-Za-z0-9_./+-]+") ? value : JsonFile.mapper().writeValueAsString(value);
  }
}
