package io.sparseplan.plans.plan;

import java.util.List;

/** What the search was asked for: the smallest loss within every limit. */
public record Goal(List<Limit> limits) {
  public Goal {
    limits = List.copyOf(limits);
    if (limits.isEmpty()) {
      throw new IllegalArgumentException("The goal has no limit.");
    }
  }
}
