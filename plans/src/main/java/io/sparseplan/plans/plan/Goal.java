package io.sparseplan.plans.plan;

import com.fasterxml.jackson.annotation.JsonCreator;
import java.util.List;

/** What the search was asked for: the least of the aim within every limit, by the rules. */
public record Goal(List<Limit> limits, Aim aim, Rules rules) {
  @JsonCreator
  public Goal {
    limits = List.copyOf(limits);
    if (limits.isEmpty() && aim instanceof Aim.LeastLoss) {
      throw new IllegalArgumentException("The goal has no limit.");
    }
  }

  /** The least loss within every limit, without rules. */
  public Goal(List<Limit> limits) {
    this(limits, new Aim.LeastLoss(), Rules.NONE);
  }

  public Goal withRules(Rules others) {
    return new Goal(limits, aim, others);
  }
}
