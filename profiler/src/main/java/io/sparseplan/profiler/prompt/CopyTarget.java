package io.sparseplan.profiler.prompt;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A row of a prompt at which a head may copy: the row predicts a token of an answer that stands
 * earlier in the prompt, in the needle.
 *
 * <p>Wu et al. (arXiv 2404.15574, §2.1) put a needle into a text and watch each token of the answer
 * as it is generated. Our prompts mark answers only, so the needle is found: the earlier
 * occurrences of the longest run of the answer's tokens that occurs before the answer, which must
 * be more than half of it. (Tokenizers may join the first or last token of an answer with what is
 * beside it.) Tokens outside the run are not counted.
 *
 * @param row the query row, one before the token that it predicts
 * @param keys tokens of the needle that are equal to the predicted one, ascending
 */
public record CopyTarget(int row, int[] keys) {
  /** A run of equal tokens: of the answer from {@code first}, and elsewhere in the prompt. */
  private record Run(int first, int length, List<Integer> occurrences) {}

  /** All copy targets of a prompt, in the order of its answers; perhaps none. */
  public static List<CopyTarget> of(Prompt prompt) {
    var targets = new ArrayList<CopyTarget>();
    for (AnswerSpan answer : prompt.answers()) {
      Run run = longestRun(prompt.ids(), answer);
      if (2 * run.length() > answer.endToken() - answer.firstToken()) {
        for (int token = run.first(); token < run.first() + run.length(); token++) {
          targets.add(new CopyTarget(token - 1, equalKeys(prompt.ids(), token, run)));
        }
      }
    }
    return targets;
  }

  /** Longest common run by dynamic programming: how long the run that ends at a pair is. */
  private static Run longestRun(int[] ids, AnswerSpan answer) {
    int[] endingAt = new int[answer.firstToken()];
    var best = new Run(answer.firstToken(), 0, new ArrayList<>());
    for (int token = answer.firstToken(); token < answer.endToken(); token++) {
      for (int key = answer.firstToken() - 1; key >= 0; key--) {
        boolean equal = ids[key] == ids[token];
        endingAt[key] = equal ? 1 + (key > 0 ? endingAt[key - 1] : 0) : 0;
        int length = endingAt[key];
        if (length > best.length()) {
          best = new Run(token - length + 1, length, new ArrayList<>());
        }
        if (length > 0 && length == best.length() && token - length + 1 == best.first()) {
          best.occurrences().add(key - length + 1);
        }
      }
    }
    return best;
  }

  private static int[] equalKeys(int[] ids, int token, Run run) {
    return run.occurrences().stream()
        .flatMap(first -> IntStream.range(first, first + run.length()).boxed())
        .filter(key -> ids[key] == ids[token])
        .mapToInt(Integer::intValue)
        .distinct()
        .sorted()
        .toArray();
  }
}
