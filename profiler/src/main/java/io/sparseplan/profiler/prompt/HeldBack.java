package io.sparseplan.profiler.prompt;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * Prompts in two parts: a part to fit to, and a part to tell whether the fit is more than noise.
 *
 * @param heldBack of each length the last quarter in the order of the file, and at least one
 */
public record HeldBack(List<Prompt> fitting, List<Prompt> heldBack) {
  private static final int PART = 4;

  public HeldBack {
    fitting = List.copyOf(fitting);
    heldBack = List.copyOf(heldBack);
  }

  /**
   * @param prompts at least two of each length
   */
  public static HeldBack of(List<Prompt> prompts) {
    var byLength = new TreeMap<Integer, List<Prompt>>();
    prompts.forEach(
        prompt ->
            byLength.computeIfAbsent(prompt.ids().length, absent -> new ArrayList<>()).add(prompt));
    var fitting = new ArrayList<Prompt>();
    var heldBack = new ArrayList<Prompt>();
    byLength.forEach(
        (length, ofLength) -> {
          int first = ofLength.size() - Math.max(1, ofLength.size() / PART);
          if (first == 0) {
            throw new IllegalArgumentException(
                "One prompt of %d tokens cannot be held back and fitted to.".formatted(length));
          }
          fitting.addAll(ofLength.subList(0, first));
          heldBack.addAll(ofLength.subList(first, ofLength.size()));
        });
    return new HeldBack(fitting, heldBack);
  }
}
