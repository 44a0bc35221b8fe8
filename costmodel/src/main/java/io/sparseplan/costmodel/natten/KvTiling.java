package io.sparseplan.costmodel.natten;

/** Where a kernel lays its key tiles. */
public enum KvTiling {
  /** At fixed places from the start of the axis: a window that starts within a tile visits it. */
  STATIC,
  /** From the first key that the query tile needs, so that fewer tiles cover the same keys. */
  DYNAMIC
}
