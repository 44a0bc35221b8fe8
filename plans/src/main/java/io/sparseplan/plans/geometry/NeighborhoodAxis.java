package io.sparseplan.plans.geometry;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/**
 * One axis of neighborhood attention: which keys along it a query sees. A query of several axes
 * sees a key if it sees it on every axis.
 *
 * <p>Queries fall into groups of {@code stride} neighbours that share one window of {@code window}
 * keys. The window is centred on the group's leader and pushed inward at the ends, so that every
 * query sees as many keys. Stride 1 is sliding-window neighborhood attention, stride = window is
 * blocked attention (Swin). With a dilation δ the axis splits into δ interleaved axes of its own,
 * coordinates equal modulo δ, that see nothing of each other.
 *
 * <p>Rules of NATTEN 0.20 and of Generalized Neighborhood Attention (arXiv 2504.16922).
 *
 * @param visibility causal: the window ends at the leader, the last of its group, and no query sees
 *     a later key; its first queries see fewer keys
 */
public record NeighborhoodAxis(
    Length length, Window window, Stride stride, Dilation dilation, Visibility visibility) {
  /** Coordinates on the axis. */
  public record Length(int coordinates) {
    public Length {
      requirePositive("length", coordinates);
    }
  }

  /** Keys that a query sees. */
  public record Window(@JsonValue int keys) {
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public Window {
      requirePositive("window", keys);
    }
  }

  /** Neighbouring queries that share a window. */
  public record Stride(@JsonValue int queries) {
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public Stride {
      requirePositive("stride", queries);
    }
  }

  /** Distance between neighbouring keys of a window. */
  public record Dilation(@JsonValue int coordinates) {
    /** Neighbours in the window are neighbours on the axis. */
    public static final Dilation NONE = new Dilation(1);

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public Dilation {
      requirePositive("dilation", coordinates);
    }
  }

  /** The keys {@code first..end − 1}. */
  public record Keys(int first, int end) {
    /** Whether the key is one of them. */
    public boolean contains(int key) {
      return key >= first && key < end;
    }
  }

  public NeighborhoodAxis {
    if ((long) window.keys * dilation.coordinates > length.coordinates) {
      throw new IllegalArgumentException(
          "The window (%d) times the dilation (%d) must be at most the length (%d)."
              .formatted(window.keys, dilation.coordinates, length.coordinates));
    }
    if (stride.queries > window.keys) {
      throw new IllegalArgumentException(
          "The stride (%d) must be at most the window (%d)."
              .formatted(stride.queries, window.keys));
    }
  }

  /** An axis without dilation on which queries see to both sides. */
  public static NeighborhoodAxis of(Length length, Window window, Stride stride) {
    return new NeighborhoodAxis(length, window, stride, Dilation.NONE, Visibility.BIDIRECTIONAL);
  }

  /** Whether the query sees the key, both as coordinates on the axis. */
  public boolean sees(int query, int key) {
    int groups = dilation.coordinates;
    NeighborhoodAxis group = dilationGroup(query % groups);
    return query % groups == key % groups && group.keysOf(query / groups).contains(key / groups);
  }

  /**
   * The axis that coordinates {@code group}, {@code group} + dilation, … make up, without dilation.
   *
   * @param group 0..dilation − 1
   */
  public NeighborhoodAxis dilationGroup(int group) {
    if (group < 0 || group >= dilation.coordinates) {
      throw new IllegalArgumentException(
          "The dilation group (%d) must be in 0..%d.".formatted(group, dilation.coordinates - 1));
    }
    int coordinates = Math.ceilDiv(length.coordinates - group, dilation.coordinates);
    return new NeighborhoodAxis(new Length(coordinates), window, stride, Dilation.NONE, visibility);
  }

  /**
   * The keys of a query of an axis without dilation.
   *
   * @param query 0..length − 1
   */
  public Keys keysOf(int query) {
    int last = length.coordinates - 1;
    int groupStart = query / stride.queries * stride.queries;
    return switch (visibility) {
      case BIDIRECTIONAL -> {
        int leader = Math.min(groupStart + stride.queries / 2, last);
        int first = centredStart(leader);
        yield new Keys(first, first + window.keys);
      }
      case CAUSAL -> {
        int leader = Math.min(groupStart + stride.queries - 1, last);
        yield new Keys(Math.max(leader - window.keys + 1, 0), query + 1);
      }
    };
  }

  /** Where the window about a leader starts: centred, but for the ends of the axis. */
  public int centredStart(int leader) {
    int centred = leader - window.keys / 2;
    return Math.clamp(centred, 0, length.coordinates - window.keys);
  }

  private static void requirePositive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException("The %s (%d) must be positive.".formatted(name, value));
    }
  }
}
