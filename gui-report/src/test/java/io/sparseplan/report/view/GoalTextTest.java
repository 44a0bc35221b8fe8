package io.sparseplan.report.view;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.plans.file.Sha256;
import io.sparseplan.plans.model.HeadAxis;
import io.sparseplan.plans.plan.Aim;
import io.sparseplan.plans.plan.Churn;
import io.sparseplan.plans.plan.DenseEnds;
import io.sparseplan.plans.plan.Goal;
import io.sparseplan.plans.plan.Limit;
import io.sparseplan.plans.plan.LossOver;
import io.sparseplan.plans.plan.MaxPatterns;
import io.sparseplan.plans.plan.Pin;
import io.sparseplan.plans.plan.Rules;
import java.util.List;
import org.junit.jupiter.api.Test;

class GoalTextTest {
  @Test
  void aGoalWithoutRulesSaysSo() {
    assertThat(GoalText.rules(Rules.NONE)).isEqualTo("none");
  }

  @Test
  void everyRuleIsNamed() {
    Sha256 baseline = Sha256.of("old plan");
    Rules rules =
        Rules.NONE
            .withGranularity(HeadAxis.KV_HEAD)
            .withPins(List.of(Pin.parse("L3.H5=dense")))
            .withDenseLayers(new DenseEnds(new DenseEnds.First(1), new DenseEnds.Last(2)))
            .withMaxPatternsPerLayer(new MaxPatterns(2))
            .withChurn(new Churn(baseline, 0.1));

    assertThat(GoalText.rules(rules))
        .isEqualTo(
            "query heads of a key-value head share a pattern; L3.H5=dense;"
                + " dense layers: the first 1, the last 2; at most 2 patterns a layer;"
                + " at most 10 % of the heads differ from plan "
                + baseline.abbreviated());
  }

  @Test
  void theAimSaysWhatIsToBeLeast() {
    List<Limit> limits = List.of(new Limit.MaxTime(0.5));
    assertThat(GoalText.aim(new Goal(limits))).isEqualTo("the least loss within the limits");
    assertThat(GoalText.aim(new Goal(limits, new Aim.LeastTime(0.05), Rules.NONE)))
        .isEqualTo("the least time at a predicted loss of 0.0500 at most");
    assertThat(
            GoalText.aim(new Goal(limits, new Aim.LeastLoss(), LossOver.WORST_LENGTH, Rules.NONE)))
        .isEqualTo("the least loss of the worst length within the limits");
  }
}
