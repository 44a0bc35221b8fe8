package io.sparseplan.search.local;

import java.util.List;
import org.optaplanner.core.api.domain.entity.PlanningEntity;
import org.optaplanner.core.api.domain.lookup.PlanningId;
import org.optaplanner.core.api.domain.valuerange.ValueRangeProvider;
import org.optaplanner.core.api.domain.variable.PlanningVariable;

/** One head and the candidate that it runs: what OptaPlanner changes. */
@PlanningEntity
public final class HeadChoice {
  /** The name of the one variable. */
  static final String CANDIDATE = "candidate";

  @PlanningId private Integer place;

  @ValueRangeProvider(id = "options")
  private List<Integer> options;

  @PlanningVariable(valueRangeProviderRefs = "options")
  private Integer candidate;

  /** For OptaPlanner, which copies entities. */
  public HeadChoice() {}

  HeadChoice(int place, List<Integer> options, int candidate) {
    this.place = place;
    this.options = options;
    this.candidate = candidate;
  }

  /** The head's number in layer-major order. */
  public int place() {
    return place;
  }

  /** The candidates worth considering, cheapest first. */
  public List<Integer> options() {
    return options;
  }

  public Integer getCandidate() {
    return candidate;
  }

  public void setCandidate(Integer candidate) {
    this.candidate = candidate;
  }

  @Override
  public String toString() {
    return "head " + place;
  }
}
