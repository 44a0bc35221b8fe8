package io.sparseplan.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The command as users run it, in a process of its own, which can be killed. {@code
 * -Dsparseplan.launcher=../bin/sparseplan} starts it through the launcher.
 */
final class ForkedRun {
  private static final Optional<String> LAUNCHER =
      Optional.ofNullable(System.getProperty("sparseplan.launcher"));

  private ForkedRun() {}

  /**
   * The words of the command line.
   *
   * @param arguments of the command itself
   */
  static List<String> command(Object... arguments) {
    var command = new ArrayList<String>();
    if (LAUNCHER.isPresent()) {
      command.add(LAUNCHER.get());
    } else {
      command.addAll(java());
      command.add(Sparseplan.class.getName());
    }
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    return command;
  }

  /** A Java that has this one's classes. */
  static List<String> java() {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--add-modules", "jdk.incubator.vector"));
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("-cp");
    command.add(
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    return command;
  }
}
