package io.sparseplan.profiler.gpu;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * How {@code span_scores_hopper.cu} scores sets of key tiles of one query tile that are spans:
 * first and last tiles of those that it sees, sinks and a window.
 *
 * <p>The first tiles are walked on their own as far as any span's go, then all tiles from the last
 * to the first. What was summed up is kept wherever the first tiles or the window of a span end;
 * every span is the sum of two that were kept.
 */
public final class SpanProgram {
  /** A step that begins a walk. */
  static final int CLEAR = 1 << 30;

  /** A step after which the sums are kept. */
  static final int KEEP = 1 << 29;

  /** No place: of an empty window, or of no first tiles. */
  static final int NONE = -1;

  /** Spans of a batch, which share a window. */
  static final int BATCH_SPANS = 3;

  /** A batch: the place of the window, and those of the first tiles. */
  static final int BATCH_INTS = 1 + BATCH_SPANS;

  private static final int NOT_SCORED = -1;

  private final int[] steps;
  private final int[] batches;
  private final int[] scoreOfSet;
  private final int places;

  private SpanProgram(int[] steps, int[] batches, int[] scoreOfSet, int places) {
    this.steps = steps;
    this.batches = batches;
    this.scoreOfSet = scoreOfSet;
    this.places = places;
  }

  /** The key tiles that some query of a query tile sees; there is at least one. */
  public record Visible(int firstTile, int lastTile) {
    public Visible {
      if (firstTile < 0 || lastTile < firstTile) {
        throw new IllegalArgumentException(
            "Tiles %d to %d are no tiles to see.".formatted(firstTile, lastTile));
      }
    }
  }

  /**
   * @param firstTiles tiles from the first visible one on
   * @param window from which tile on it has all to the last; past the last where it has none
   */
  private record Span(int firstTiles, int window) {
    /** Nothing where visible tiles of the set lie elsewhere too. */
    static Optional<Span> of(int[] keyTiles, Visible visible) {
      int begin = lowerBound(keyTiles, visible.firstTile);
      int end = lowerBound(keyTiles, visible.lastTile + 1);
      int window = visible.lastTile + 1;
      while (end > begin && keyTiles[end - 1] == window - 1) {
        end--;
        window--;
      }
      int first = end - begin;
      return end == begin || keyTiles[end - 1] == visible.firstTile + first - 1
          ? Optional.of(new Span(first, window))
          : Optional.empty();
    }

    private static int lowerBound(int[] ascending, int least) {
      int at = Arrays.binarySearch(ascending, least);
      return at < 0 ? -at - 1 : at;
    }
  }

  /**
   * @param keyTiles of each set, ascending
   * @param wanted which of them are to be scored
   * @return nothing if one of the wanted sets is no span
   */
  public static Optional<SpanProgram> of(List<int[]> keyTiles, int[] wanted, Visible visible) {
    Span[] spans = new Span[keyTiles.size()];
    for (int set : wanted) {
      Optional<Span> span = Span.of(keyTiles.get(set), visible);
      if (span.isEmpty()) {
        return Optional.empty();
      }
      spans[set] = span.get();
    }
    return Optional.of(of(spans, wanted, visible));
  }

  private static SpanProgram of(Span[] spans, int[] wanted, Visible visible) {
    int[] ends =
        IntStream.of(wanted)
            .map(set -> spans[set].firstTiles)
            .filter(tiles -> tiles > 0)
            .sorted()
            .distinct()
            .toArray();
    int[] windows =
        IntStream.of(wanted)
            .map(set -> -spans[set].window)
            .filter(window -> -window <= visible.lastTile)
            .sorted()
            .distinct()
            .map(window -> -window)
            .toArray();
    var batches = IntStream.builder();
    int[] scoreOfSet = new int[spans.length];
    Arrays.fill(scoreOfSet, NOT_SCORED);
    int scores = 0;
    for (int place = NONE; place < windows.length; place++) {
      int window = place == NONE ? visible.lastTile + 1 : windows[place];
      int[] sets = IntStream.of(wanted).filter(set -> spans[set].window == window).toArray();
      for (int from = 0; from < sets.length; from += BATCH_SPANS) {
        batches.add(place == NONE ? NONE : ends.length + place);
        for (int nth = from; nth < from + BATCH_SPANS; nth++) {
          int first = nth < sets.length ? spans[sets[nth]].firstTiles : 0;
          batches.add(first == 0 ? NONE : Arrays.binarySearch(ends, first));
          if (nth < sets.length) {
            scoreOfSet[sets[nth]] = scores;
          }
          scores++;
        }
      }
    }
    return new SpanProgram(
        steps(ends, windows, visible),
        batches.build().toArray(),
        scoreOfSet,
        ends.length + windows.length);
  }

  private static int[] steps(int[] ends, int[] windows, Visible visible) {
    var steps = new ArrayList<Integer>();
    int walked = 0;
    for (int end : ends) {
      for (; walked < end; walked++) {
        int step = visible.firstTile + walked;
        steps.add(step | (walked == 0 ? CLEAR : 0) | (walked == end - 1 ? KEEP : 0));
      }
    }
    int nextWindow = 0;
    for (int tile = visible.lastTile; tile >= visible.firstTile; tile--) {
      boolean keep = nextWindow < windows.length && windows[nextWindow] == tile;
      nextWindow += keep ? 1 : 0;
      steps.add(tile | (tile == visible.lastTile ? CLEAR : 0) | (keep ? KEEP : 0));
    }
    return steps.stream().mapToInt(Integer::intValue).toArray();
  }

  /** What the kernel does one after the other: at least one step. */
  int[] steps() {
    return steps;
  }

  /** {@value #BATCH_INTS} integers each. */
  int[] batches() {
    return batches;
  }

  /** How many scores the kernel writes, wanted or not. */
  int scores() {
    return batches.length / BATCH_INTS * BATCH_SPANS;
  }

  /** Which of them are a wanted set's. */
  int scoreOf(int set) {
    if (scoreOfSet[set] == NOT_SCORED) {
      throw new IllegalArgumentException("The set %d was not wanted.".formatted(set));
    }
    return scoreOfSet[set];
  }

  /** How many sums are kept. */
  int places() {
    return places;
  }
}
