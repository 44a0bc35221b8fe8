package io.sparseplan.search.problem;

import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.pattern.SelectedPattern;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How the search numbers what heads may run. What it calls a candidate is an offer: a fixed pattern
 * costs the same in every head and is one offer; a selected pattern costs each head something else
 * and is one offer for each head. So all prices depend on the offer alone, and a selected pattern
 * is one more option with a price of its own. The numbers are those of {@link
 * io.sparseplan.costmodel.HeadOffers#ofEachHead}.
 */
public sealed interface Offers {
  /** Offers that are the candidates of the profile themselves. */
  Offers FIXED_ALONE = new FixedAlone();

  /**
   * @param places heads, or groups of heads, that are decided for
   */
  static Offers of(List<Pattern> candidates, int places) {
    return candidates.stream().noneMatch(SelectedPattern.class::isInstance)
        ? FIXED_ALONE
        : new EachHeads(numbers(candidates, false), numbers(candidates, true), places);
  }

  private static int[] numbers(List<Pattern> candidates, boolean selected) {
    return IntStream.range(0, candidates.size())
        .filter(at -> candidates.get(at) instanceof SelectedPattern == selected)
        .toArray();
  }

  /** Whether every offer is for every head. */
  boolean areForAllHeads();

  /** The candidate of the profile. */
  int candidate(int offer);

  /** The offer of a candidate to the head at a place. */
  int offer(int candidate, int place);

  /** Whether it is of a fixed pattern, and so for every head. */
  boolean isFixed(int offer);

  /** Whether the head at the place may have it. */
  boolean isFor(int offer, int place);

  /** A head that may have it; the only one, if it is not for all. */
  int firstPlace(int offer);

  /**
   * How many there are.
   *
   * @param whereForAll how many there are where each is for all heads
   */
  int count(int whereForAll);

  /** The same candidate for the head at another place. */
  default int as(int offer, int place) {
    return offer(candidate(offer), place);
  }

  /** No candidate is selected. */
  record FixedAlone() implements Offers {
    @Override
    public boolean areForAllHeads() {
      return true;
    }

    @Override
    public int candidate(int offer) {
      return offer;
    }

    @Override
    public int offer(int candidate, int place) {
      return candidate;
    }

    @Override
    public boolean isFixed(int offer) {
      return true;
    }

    @Override
    public boolean isFor(int offer, int place) {
      return true;
    }

    @Override
    public int firstPlace(int offer) {
      return 0;
    }

    @Override
    public int count(int whereForAll) {
      return whereForAll;
    }
  }

  /**
   * Some are.
   *
   * @param fixed candidates whose offers come first
   * @param selected candidates, each of which has an offer a place
   */
  record EachHeads(int[] fixed, int[] selected, int places) implements Offers {
    @Override
    public boolean areForAllHeads() {
      return false;
    }

    @Override
    public int candidate(int offer) {
      return isFixed(offer) ? fixed[offer] : selected[(offer - fixed.length) / places];
    }

    @Override
    public int offer(int candidate, int place) {
      int before = 0;
      for (int other : fixed) {
        if (other == candidate) {
          return before;
        }
        before++;
      }
      for (int other : selected) {
        if (other == candidate) {
          return before + place;
        }
        before += places;
      }
      throw new IndexOutOfBoundsException(candidate);
    }

    @Override
    public boolean isFixed(int offer) {
      return offer < fixed.length;
    }

    @Override
    public boolean isFor(int offer, int place) {
      return isFixed(offer) || firstPlace(offer) == place;
    }

    @Override
    public int firstPlace(int offer) {
      return isFixed(offer) ? 0 : (offer - fixed.length) % places;
    }

    @Override
    public int count(int whereForAll) {
      return fixed.length + selected.length * places;
    }
  }
}
