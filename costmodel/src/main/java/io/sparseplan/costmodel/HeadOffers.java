package io.sparseplan.costmodel;

import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.pattern.DecodePattern;
import io.sparseplan.plans.pattern.FixedPattern;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.pattern.SelectedPattern;
import io.sparseplan.plans.profile.SelectedTiles;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What is priced. A fixed pattern, or a rule of decoding, has one price whichever head runs it, and
 * is offered once; a selected one visits other tiles in every head, and is offered once for each
 * head that may run it.
 */
public final class HeadOffers {
  private final List<Offer> offers;
  private final SelectedTiles tiles;

  /** A selected pattern is of the head at one place. */
  private record Offer(Pattern pattern, int place) {}

  private HeadOffers(List<Offer> offers, SelectedTiles tiles) {
    this.offers = List.copyOf(offers);
    this.tiles = tiles;
  }

  /** One offer a pattern; selected ones have no price. */
  public static HeadOffers of(List<Pattern> patterns) {
    return new HeadOffers(
        patterns.stream().map(pattern -> new Offer(pattern, 0)).toList(), SelectedTiles.NONE);
  }

  /**
   * Every pattern for every head: fixed ones and rules of decoding first, then each selected one
   * for all heads in turn, both in the order of the patterns.
   *
   * @param heads of the model
   */
  public static HeadOffers ofEachHead(List<Pattern> patterns, int heads, SelectedTiles tiles) {
    var offers = new ArrayList<Offer>();
    patterns.stream()
        .filter(pattern -> !(pattern instanceof SelectedPattern))
        .map(pattern -> new Offer(pattern, 0))
        .forEach(offers::add);
    patterns.stream()
        .filter(SelectedPattern.class::isInstance)
        .flatMap(pattern -> IntStream.range(0, heads).mapToObj(place -> new Offer(pattern, place)))
        .forEach(offers::add);
    return new HeadOffers(offers, tiles);
  }

  /**
   * What each head of a plan runs, none twice.
   *
   * @param patternOfHead in layer-major order
   */
  static HeadOffers ofPlan(List<Pattern> patternOfHead, SelectedTiles tiles) {
    return new HeadOffers(
        IntStream.range(0, patternOfHead.size())
            .mapToObj(place -> offer(patternOfHead.get(place), place))
            .distinct()
            .toList(),
        tiles);
  }

  private static Offer offer(Pattern pattern, int place) {
    return switch (pattern) {
      case FixedPattern fixed -> new Offer(fixed, 0);
      case SelectedPattern selected -> new Offer(selected, place);
      case DecodePattern decode -> new Offer(decode, 0);
    };
  }

  /** The offer of a head that runs the pattern. */
  public int indexOf(Pattern pattern, int place) {
    return offers.indexOf(offer(pattern, place));
  }

  public int count() {
    return offers.size();
  }

  public Pattern pattern(int offer) {
    return offers.get(offer).pattern();
  }

  List<Pattern> patterns() {
    return offers.stream().map(Offer::pattern).toList();
  }

  /** Visited key tiles of each query tile, for an offer of a selected pattern. */
  int[] visited(int offer, SelectedPattern pattern, Tokens length) {
    return tiles.visited(offers.get(offer).place(), pattern, length);
  }
}
