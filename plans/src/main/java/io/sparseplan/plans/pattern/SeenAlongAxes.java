package io.sparseplan.plans.pattern;

import io.sparseplan.plans.geometry.Axis;
import io.sparseplan.plans.geometry.Span;
import io.sparseplan.plans.geometry.VideoBox;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The keys that the queries of a box see by a rule that holds on each axis alone: a query sees a
 * key if it sees it on every axis. Queries of a box combine their coordinates freely, so that the
 * keys seen by any of them are those seen on every axis by any coordinate.
 */
final class SeenAlongAxes implements Predicate<VideoBox> {
  private final Map<Axis, BitSet> keys = new EnumMap<>(Axis.class);

  /** The keys that a query sees on one axis. */
  @FunctionalInterface
  interface AxisRule {
    /** Adds the coordinates of the keys. */
    void addKeys(Axis axis, int query, BitSet keys);
  }

  SeenAlongAxes(VideoBox queries, AxisRule rule) {
    for (Axis axis : Axis.values()) {
      var seen = new BitSet();
      Span span = queries.along(axis);
      for (int query = span.first(); query < span.end(); query++) {
        rule.addKeys(axis, query, seen);
      }
      keys.put(axis, seen);
    }
  }

  @Override
  public boolean test(VideoBox box) {
    for (Map.Entry<Axis, BitSet> seen : keys.entrySet()) {
      Span span = box.along(seen.getKey());
      int next = seen.getValue().nextSetBit(span.first());
      if (next < 0 || next >= span.end()) {
        return false;
      }
    }
    return true;
  }
}
