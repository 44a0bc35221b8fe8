package io.sparseplan.profiler.prompt;

import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Something that a prompt states once and may ask for later, in the words of the shipped models'
 * training set.
 *
 * @param statement ends a line
 * @param question up to where the answer begins
 * @param answer ends the line
 */
record Fact(String statement, String question, String answer) {
  private static final String[] ONSETS = {
    "b", "c", "d", "f", "g", "h", "k", "l", "m", "n", "p", "r", "s", "t", "v", "z", "br", "dr",
    "gr", "kl", "pl", "st", "tr"
  };
  private static final String[] VOWELS = {"a", "e", "i", "o", "u", "ai", "ea", "oo"};

  /** A fact of one of four kinds about a person or a key that is made up. */
  static Fact draw(SplittableRandom random) {
    String first = name(random);
    String last = name(random);
    String person = capitalized(first) + " " + capitalized(last);
    return switch (random.nextInt(4)) {
      case 0 ->
          asked(
              "Note: the access code for %s is".formatted(person),
              "what is the access code for %s?".formatted(person),
              digits(random, 5));
      case 1 ->
          asked(
              "The room number of %s is".formatted(person),
              "what is the room number of %s?".formatted(person),
              digits(random, 4));
      case 2 ->
          asked(
              "%s was born in the town of".formatted(person),
              "in which town was %s born?".formatted(person),
              capitalized(name(random)));
      default -> {
        String key = "key_%s_%s".formatted(first, last);
        String value = digits(random, 6);
        yield new Fact(key + " = " + value + "\n", "print(%s)  # ".formatted(key), value + "\n");
      }
    };
  }

  private static Fact asked(String statement, String question, String answer) {
    return new Fact(
        "%s %s.\n".formatted(statement, answer),
        "Question: %s Answer: ".formatted(question),
        answer + ".\n");
  }

  private static String name(SplittableRandom random) {
    var name = new StringBuilder();
    int syllables = 2 + random.nextInt(2);
    for (int i = 0; i < syllables; i++) {
      name.append(ONSETS[random.nextInt(ONSETS.length)]);
      name.append(VOWELS[random.nextInt(VOWELS.length)]);
    }
    return name.toString();
  }

  private static String capitalized(String name) {
    return name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1);
  }

  private static String digits(SplittableRandom random, int count) {
    var digits = new StringBuilder();
    for (int i = 0; i < count; i++) {
      digits.append(random.nextInt(10));
    }
    return digits.toString();
  }
}
