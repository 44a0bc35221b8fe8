package io.sparseplan.profiler.prompt;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.Tokens;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Which prompts of a file are used for what.
 *
 * @param chosen in the order of the file
 * @param heldOut of the same lengths, all others
 */
public record PromptChoice(List<Prompt> chosen, List<Prompt> heldOut) {
  public PromptChoice {
    chosen = List.copyOf(chosen);
    heldOut = List.copyOf(heldOut);
  }

  /** What to judge a plan on: prompts that it was not made from, or where there are none, those. */
  public List<Prompt> judged() {
    return heldOut.isEmpty() ? chosen : heldOut;
  }

  /**
   * Some prompts of each length.
   *
   * @param lengths which lengths
   * @param skipPerLength the first so many of each are not chosen
   * @param limitPerLength of those that follow, at most so many of each
   * @throws BadInputException if a length has no prompt at all
   */
  public static PromptChoice ofEachLength(
      List<Prompt> prompts, List<Tokens> lengths, int skipPerLength, int limitPerLength) {
    Map<Tokens, Integer> taken = new HashMap<>();
    var chosen = new ArrayList<Prompt>();
    var heldOut = new ArrayList<Prompt>();
    for (Prompt prompt : prompts) {
      if (lengths.contains(prompt.length())) {
        int before = taken.merge(prompt.length(), 1, Integer::sum) - 1;
        boolean isChosen = before >= skipPerLength && before - skipPerLength < limitPerLength;
        (isChosen ? chosen : heldOut).add(prompt);
      }
    }
    for (Tokens length : lengths) {
      if (!taken.containsKey(length)) {
        var available = new TreeSet<Tokens>();
        prompts.forEach(prompt -> available.add(prompt.length()));
        throw new BadInputException(
            "No prompt has %s tokens; the lengths there are: %s.".formatted(length, available),
            "choose among them with --lengths.");
      }
    }
    return new PromptChoice(chosen, heldOut);
  }
}
