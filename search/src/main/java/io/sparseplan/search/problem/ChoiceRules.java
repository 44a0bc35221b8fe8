package io.sparseplan.search.problem;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Optional;

/**
 * What a choice must keep to, whatever its loss and time: candidates that are given, the number of
 * different candidates in a layer, and how many heads may change against an older choice.
 *
 * @param pinned the candidate that a place is given, or {@link #FREE}
 * @param maxPatternsOfLayer how many different candidates a layer may have
 * @param baseline the older choice, if there is one
 * @param offers what numbers of candidates mean
 */
public record ChoiceRules(
    ModelHeads heads,
    int[] pinned,
    int maxPatternsOfLayer,
    Optional<Baseline> baseline,
    Offers offers) {
  /** Where a place may have any candidate. */
  public static final int FREE = -1;

  /** Where a layer may have as many different candidates as there are. */
  public static final int ANY_NUMBER = Integer.MAX_VALUE;

  /**
   * An older choice.
   *
   * @param changedHeads changedHeads[place][candidate of the profile]: heads at the place for which
   *     the candidate is a change
   * @param mostChanges heads that may change
   * @param choice the older choice as far as today's candidates have it
   */
  public record Baseline(int[][] changedHeads, int mostChanges, int[] choice) {}

  /** Where every candidate is a fixed pattern. */
  public ChoiceRules(
      ModelHeads heads, int[] pinned, int maxPatternsOfLayer, Optional<Baseline> baseline) {
    this(heads, pinned, maxPatternsOfLayer, baseline, Offers.FIXED_ALONE);
  }

  /** Any candidate at any place. */
  public static ChoiceRules none(ModelHeads heads) {
    int[] free = new int[heads.count()];
    Arrays.fill(free, FREE);
    return new ChoiceRules(heads, free, ANY_NUMBER, Optional.empty());
  }

  public boolean isPinned(int place) {
    return pinned[place] != FREE;
  }

  public boolean limitsPatterns() {
    return maxPatternsOfLayer != ANY_NUMBER;
  }

  public boolean limitsChanges() {
    return baseline.isPresent();
  }

  /** Heads at the place for which the candidate is a change. */
  public int changes(int place, int candidate) {
    return baseline.isPresent()
        ? baseline.get().changedHeads()[place][offers.candidate(candidate)]
        : 0;
  }

  public int mostChanges() {
    return baseline.map(Baseline::mostChanges).orElse(Integer.MAX_VALUE);
  }

  /** By how many candidates a layer has too many, 0 if none. */
  public int patternsTooMany(int[] candidateOfHead) {
    return limitsPatterns() ? Math.max(0, patterns(candidateOfHead) - maxPatternsOfLayer) : 0;
  }

  private int patterns(int[] candidateOfHead) {
    var seen = new BitSet();
    for (int candidate : candidateOfHead) {
      seen.set(offers.candidate(candidate));
    }
    return seen.cardinality();
  }

  /** Whether a layer may run this tuple. */
  public boolean allows(int layer, int[] candidateOfHead) {
    return keepsPins(layer, candidateOfHead) && patternsTooMany(candidateOfHead) == 0;
  }

  /** Whether a layer's pinned heads have what they are given in this tuple. */
  public boolean keepsPins(int layer, int[] candidateOfHead) {
    for (int head = 0; head < candidateOfHead.length; head++) {
      int place = layer * candidateOfHead.length + head;
      int pin = pinned[place];
      if (pin != FREE && pin != candidateOfHead[head]
          || !offers.isFor(candidateOfHead[head], place)) {
        return false;
      }
    }
    return true;
  }

  /**
   * The same candidate wherever it may be: pinned heads have theirs, and in a layer whose pins
   * leave no room for another candidate the other heads have that of its first pin.
   *
   * @param candidate of the profile
   */
  public int[] uniform(int candidate) {
    int[] choice = new int[heads.count()];
    for (int layer = 0; layer < heads.layers(); layer++) {
      int[] pins = Arrays.stream(heads.ofLayer(pinned, layer)).filter(pin -> pin != FREE).toArray();
      boolean room =
          !limitsPatterns()
              || patterns(pins) < maxPatternsOfLayer
              || Arrays.stream(pins).anyMatch(pin -> offers.candidate(pin) == candidate);
      for (int head = 0; head < heads.inLayer(); head++) {
        int place = layer * heads.inLayer() + head;
        choice[place] =
            isPinned(place)
                ? pinned[place]
                : room ? offers.offer(candidate, place) : offers.as(pins[0], place);
      }
    }
    return choice;
  }

  /** By how much the rules are broken, 0 if they are kept; pins are taken as kept. */
  public long broken(int[] choice) {
    long broken = 0;
    long changes = 0;
    for (int place = 0; place < choice.length; place++) {
      changes += changes(place, choice[place]);
    }
    if (limitsPatterns()) {
      for (int layer = 0; layer < heads.layers(); layer++) {
        broken += patternsTooMany(heads.ofLayer(choice, layer));
      }
    }
    return broken + Math.max(0, changes - mostChanges());
  }
}
