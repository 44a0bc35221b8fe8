package io.sparseplan.plans.format;

import io.sparseplan.plans.BadInputException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The command line that starts a peer's script, kept as a file: an interpreter and the script, then
 * flags, each with a value or alone. Lines may end in a backslash. A flag twice, or one that the
 * format does not have, is an error; nothing has a default.
 */
final class ScriptFlags {
  private final String file;
  private final List<String> command;
  private final Map<String, String> values;

  private ScriptFlags(String file, List<String> command, Map<String, String> values) {
    this.file = file;
    this.command = command;
    this.values = values;
  }

  /**
   * @throws BadInputException if a value stands where a flag should, or a flag twice
   */
  static ScriptFlags parse(PeerSource source) {
    List<String> words =
        Arrays.stream(new String(source.main(), StandardCharsets.UTF_8).strip().split("\\s+"))
            .filter(word -> !word.equals("\\") && !word.isEmpty())
            .map(word -> word.replaceAll("^[\"']|[\"']$", ""))
            .toList();
    int first = 0;
    while (first < words.size() && !isFlag(words.get(first))) {
      first++;
    }
    var values = new LinkedHashMap<String, String>();
    for (int at = first; at < words.size(); ) {
      String flag = words.get(at);
      boolean alone = at + 1 == words.size() || isFlag(words.get(at + 1));
      if (!isFlag(flag) || values.containsKey(flag)) {
        throw new BadInputException(
            "The word %s in %s %s."
                .formatted(flag, source.path(), isFlag(flag) ? "is there twice" : "is no flag"),
            "give each flag once, with one value.");
      }
      values.put(flag, alone ? "" : words.get(at + 1));
      at += alone ? 1 : 2;
    }
    return new ScriptFlags(source.path(), List.copyOf(words.subList(0, first)), values);
  }

  private static boolean isFlag(String word) {
    return word.matches("--[a-zA-Z].*");
  }

  /** The name of the script, without its directory; empty where there is none. */
  String script() {
    String last = command.isEmpty() ? "" : command.getLast();
    return last.substring(last.lastIndexOf('/') + 1);
  }

  boolean has(String flag) {
    return values.containsKey(flag);
  }

  void requireOnly(Set<String> known) {
    for (String flag : values.keySet()) {
      if (!known.contains(flag)) {
        throw refuse(flag, "is none of " + known, "leave out flags that do not concern attention.");
      }
    }
  }

  String text(String flag) {
    if (!has(flag)) {
      throw refuse(
          flag, "is missing", "give it: scripts differ in what they take where it is not there.");
    }
    return values.get(flag);
  }

  int integer(String flag, int least, int most) {
    String text = text(flag);
    int value = text.matches("0|[1-9][0-9]{0,8}") ? Integer.parseInt(text) : -1;
    if (value < least || value > most) {
      throw refuse(flag, "is not an integer in %d..%d".formatted(least, most), "correct it.");
    }
    return value;
  }

  double number(String flag, double least, double most) {
    String text = text(flag);
    double value =
        text.matches("([0-9]{1,9}(\\.[0-9]*)?|\\.[0-9]+)([eE][-+]?[0-9]{1,3})?")
            ? Double.parseDouble(text)
            : Double.NaN;
    if (!(value >= least && value <= most)) {
      throw refuse(flag, "is not a number in %s..%s".formatted(least, most), "correct it.");
    }
    return value;
  }

  /** A number as a flag's value, without an exponent. */
  static String number(double value) {
    return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
  }

  BadInputException refuse(String flag, String problem, String remedy) {
    return new BadInputException(
        "The flag %s (%s) in %s %s.".formatted(flag, values.getOrDefault(flag, ""), file, problem),
        remedy);
  }
}
