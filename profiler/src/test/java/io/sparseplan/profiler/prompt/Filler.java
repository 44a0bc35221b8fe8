package io.sparseplan.profiler.prompt;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Ordinary text: the tokens of prompts without the facts that were spliced into them and without
 * the questions at their end. Prompts take it in turn, and begin again when all was taken.
 */
final class Filler {
  private static final List<String> STATEMENT_STARTS =
      List.of("\nNote: the access code for", "\nThe room number of", "\nkey_");
  private static final List<String> QUESTION_STARTS = List.of("\nQuestion:", "\nprint(key_");
  private static final String TOWN = " was born in the town of";

  private final Tokenizer tokenizer;
  private final int newline;
  private final int[] tokens;
  private int next;

  /** Text from these prompts, without each one's first token. */
  Filler(Tokenizer tokenizer, List<Prompt> prompts) {
    this.tokenizer = tokenizer;
    this.newline = tokenizer.encode("\n")[0];
    this.tokens =
        prompts.stream()
            .map(prompt -> Arrays.copyOfRange(prompt.ids(), 1, prompt.ids().length))
            .flatMapToInt(ids -> Arrays.stream(withoutFacts(withoutQuestions(ids))))
            .toArray();
  }

  /** The next so many tokens. */
  int[] take(int count) {
    int from = next;
    next = (next + count) % tokens.length;
    return IntStream.range(0, count).map(i -> tokens[(from + i) % tokens.length]).toArray();
  }

  private int[] withoutQuestions(int[] ids) {
    int end =
        QUESTION_STARTS.stream()
            .mapToInt(start -> indexOf(ids, tokenizer.encode(start), 0))
            .filter(at -> at >= 0)
            .min()
            .orElse(ids.length);
    return Arrays.copyOf(ids, end);
  }

  private int[] withoutFacts(int[] ids) {
    int[] left = ids;
    for (String start : STATEMENT_STARTS) {
      int[] pattern = tokenizer.encode(start);
      for (int at = indexOf(left, pattern, 0); at >= 0; at = indexOf(left, pattern, at)) {
        left = without(left, at, lineEnd(left, at + pattern.length));
      }
    }
    int[] town = tokenizer.encode(TOWN);
    for (int at = indexOf(left, town, 0); at >= 0; at = indexOf(left, town, 0)) {
      int lineStart = at;
      while (lineStart > 0 && left[lineStart] != newline) {
        lineStart--;
      }
      left = without(left, lineStart, lineEnd(left, at));
    }
    return left;
  }

  /** One past the end of the line. */
  private int lineEnd(int[] ids, int from) {
    int end = from;
    while (end < ids.length && ids[end] != newline) {
      end++;
    }
    return Math.min(end + 1, ids.length);
  }

  private static int[] without(int[] ids, int from, int end) {
    return IntStream.concat(Arrays.stream(ids, 0, from), Arrays.stream(ids, end, ids.length))
        .toArray();
  }

  private static int indexOf(int[] ids, int[] pattern, int from) {
    for (int at = from; at + pattern.length <= ids.length; at++) {
      if (Arrays.equals(ids, at, at + pattern.length, pattern, 0, pattern.length)) {
        return at;
      }
    }
    return -1;
  }
}
