package io.sparseplan.benchmarks;

import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.LayerCount;
import io.sparseplan.plans.model.QueryHeads;
import io.sparseplan.plans.plan.Goal;
import io.sparseplan.plans.plan.Limit;
import io.sparseplan.search.FoundPlan;
import io.sparseplan.search.HeadSearch;
import io.sparseplan.search.SearchEffort;
import io.sparseplan.search.SearchProgress;
import io.sparseplan.search.SearchRequest;
import io.sparseplan.search.problem.ChoiceRules;
import io.sparseplan.search.problem.SearchProblem;
import io.sparseplan.search.synthetic.SyntheticModel;
import io.sparseplan.search.synthetic.SyntheticModel.Pricing;
import java.util.Arrays;
import java.util.List;

/** A search of a synthetic model: its size, its goal and how layers are priced. */
public enum SearchWorkload {
  /** The size of a 7B model, where time is a sum. */
  SEVEN_BILLION_ADDITIVE(
      new Size(32, 32, 48, 1024, 2048, 4096), 2, 8, Pricing.ADDITIVE, Budgets.ONE, 0.5),
  SEVEN_BILLION_ADDITIVE_EACH_LENGTH(
      new Size(32, 32, 48, 1024, 2048, 4096), 2, 8, Pricing.ADDITIVE, Budgets.EACH_LENGTH, 0.65),
  SEVEN_BILLION(new Size(32, 32, 48, 1024, 2048, 4096), 2, 8, Pricing.SIMULATED, Budgets.ONE, 0.5),
  /** The size of a 70B model. */
  SEVENTY_BILLION_ADDITIVE(
      new Size(80, 64, 64, 1024, 2048, 4096, 8192), 2, 8, Pricing.ADDITIVE, Budgets.ONE, 0.4),
  SEVENTY_BILLION(
      new Size(80, 64, 64, 1024, 2048, 4096, 8192), 2, 1, Pricing.SIMULATED, Budgets.ONE, 0.4),
  /** Few heads, short prompts, batch 1: a layer is a wave or two, and costs its longest blocks. */
  SMALL_GRID(new Size(12, 8, 24, 1024, 2048), 0, 1, Pricing.SIMULATED, Budgets.ONE, 0.8),
  SMALL_GRID_THREE_PATTERNS(
      new Size(12, 8, 24, 1024, 2048), 3, 1, Pricing.SIMULATED, Budgets.ONE, 0.8),
  SMALL_GRID_BATCH_2(new Size(12, 8, 24, 1024, 2048), 0, 2, Pricing.SIMULATED, Budgets.ONE, 0.7);

  private static final long SEED = 1;

  private enum Budgets {
    ONE,
    EACH_LENGTH
  }

  private record Size(int layers, int heads, int candidates, int... lengths) {}

  private final Size size;
  private final int mostPatterns;
  private final int batch;
  private final Pricing pricing;
  private final Budgets budgets;
  private final double ratio;

  /**
   * @param mostPatterns of a layer, 0 for any number
   * @param ratio of the time to dense
   */
  SearchWorkload(
      Size size, int mostPatterns, int batch, Pricing pricing, Budgets budgets, double ratio) {
    this.size = size;
    this.mostPatterns = mostPatterns;
    this.batch = batch;
    this.pricing = pricing;
    this.budgets = budgets;
    this.ratio = ratio;
  }

  private List<Tokens> lengths() {
    return Arrays.stream(size.lengths()).mapToObj(Tokens::of).toList();
  }

  SearchProblem problem() {
    var model =
        SyntheticModel.of(
            new LayerCount(size.layers()),
            new QueryHeads(size.heads()),
            size.candidates(),
            lengths(),
            SEED);
    ChoiceRules free = ChoiceRules.none(model.heads());
    ChoiceRules rules =
        mostPatterns == 0
            ? free
            : new ChoiceRules(model.heads(), free.pinned(), mostPatterns, free.baseline());
    List<Limit> limits =
        switch (budgets) {
          case ONE -> List.of(new Limit.MaxTime(ratio));
          case EACH_LENGTH ->
              lengths().stream().<Limit>map(at -> new Limit.MaxTimeAt(at, ratio)).toList();
        };
    return model.problem(batch, pricing, new Goal(limits), rules);
  }

  FoundPlan search(SearchProblem problem, SearchEffort effort) {
    long blocks =
        lengths().stream().mapToLong(length -> TileSize.DEFAULT.tilesCovering(length.count())).sum()
            * batch
            * size.heads();
    return new HeadSearch(problem, effort, blocks, SearchRequest.DEFAULT_SEED, SearchProgress.NONE)
        .searched();
  }
}
