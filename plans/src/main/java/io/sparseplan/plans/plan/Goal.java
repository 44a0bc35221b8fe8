package io.sparseplan.plans.plan;

import com.fasterxml.jackson.annotation.JsonCreator;
import java.util.List;

/**
 * What the search was asked for: the least of the aim within every limit, by the rules.
 *
 * @param lossOver what the loss is that is to be least, or limited
 */
public record Goal(List<Limit> limits, Aim aim, LossOver lossOver, Rules rules) {
  @JsonCreator
  public Goal {
    limits = List.copyOf(limits);
    if (limits.isEmpty() && aim instanceof Aim.LeastLoss) {
      throw new IllegalArgumentException("The goal has no limit.");
    }
  }

  /** Of the mean loss. */
  public Goal(List<Limit> limits, Aim aim, Rules rules) {
    this(limits, aim, LossOver.MEAN, rules);
  }

  /** The least loss within every limit, without rules. */
  public Goal(List<Limit> limits) {
    this(limits, new Aim.LeastLoss(), Rules.NONE);
  }

  /** The same limits and rules for another aim. */
  public Goal withAim(Aim other) {
    return new Goal(limits, other, lossOver, rules);
  }

  public Goal withRules(Rules others) {
    return new Goal(limits, aim, lossOver, others);
  }
}
