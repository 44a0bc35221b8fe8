package io.sparseplan.plans.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.file.Sha256;
import io.sparseplan.plans.model.HeadAxis;
import io.sparseplan.plans.model.HeadId;
import io.sparseplan.plans.model.HeadIndex;
import io.sparseplan.plans.model.LayerIndex;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class GoalTest {
  private static final Goal EVERYTHING =
      new Goal(
          List.of(new Limit.MaxDensity(0.5)),
          new Aim.LeastTime(0.25),
          Rules.NONE
              .withGranularity(HeadAxis.KV_HEAD)
              .withPins(List.of(Pin.parse("L12.H3=dense"), Pin.parse("*.H0=s128+w256+0.125N")))
              .withDenseLayers(new DenseEnds(new DenseEnds.First(1), new DenseEnds.Last(2)))
              .withMaxPatternsPerLayer(new MaxPatterns(2))
              .withChurn(new Churn(Sha256.of("old"), 0.1)));

  private static Goal read(String json) {
    return JsonFile.mapper().readValue(json, Goal.class);
  }

  @Test
  void readsBackAsItWas() {
    assertThat(read(JsonFile.pretty(EVERYTHING))).isEqualTo(EVERYTHING);
    var plain = new Goal(List.of(new Limit.MaxTime(0.5)));
    assertThat(read(JsonFile.pretty(plain))).isEqualTo(plain);
  }

  @Test
  void leastLossNeedsALimitAndLeastTimeIsOneItself() {
    assertThatThrownBy(() -> new Goal(List.of())).hasMessageContaining("no limit");
    assertThat(new Goal(List.of(), new Aim.LeastTime(0), Rules.NONE).limits()).isEmpty();
    assertThatThrownBy(() -> new Aim.LeastTime(-1)).hasMessageContaining("-1");
    assertThatThrownBy(() -> new Aim.LeastTime(Double.NaN)).hasMessageContaining("NaN");
  }

  @Test
  void aSelectorSelectsAHeadALayerOrTheSameHeadOfEveryLayer() {
    var id = new HeadId(new LayerIndex(12), new HeadIndex(3));
    for (String text : new String[] {"L12.H3", "L12", "*.H3"}) {
      HeadSelector selector = HeadSelector.parse(text);
      assertThat(selector.selects(id)).as(text).isTrue();
      assertThat(selector).hasToString(text);
    }
    for (String text : new String[] {"L12.H4", "L1.H3", "L1", "*.H12"}) {
      assertThat(HeadSelector.parse(text).selects(id)).as(text).isFalse();
    }
  }

  @Test
  void whatIsNoSelectorOrPinIsRefusedByName() {
    for (String text :
        new String[] {
          "", "*", "L", "H3", "12.3", "L1H3", "L-1", "L1.H", "L1.H3.H4", "L9999999999"
        }) {
      assertThatThrownBy(() -> HeadSelector.parse(text))
          .as(text)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("(" + text + ")");
    }
    for (String text : new String[] {"L1.H3", "L1.H3=", "=dense", "*=dense"}) {
      assertThatThrownBy(() -> Pin.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void numbersOutOfRangeAreRefused() {
    assertThatThrownBy(() -> new MaxPatterns(0)).hasMessageContaining("(0)");
    assertThatThrownBy(() -> new DenseEnds.First(-1)).hasMessageContaining("first");
    assertThatThrownBy(() -> new Churn(Sha256.of("old"), 1.1)).hasMessageContaining("1.1");
    assertThatThrownBy(() -> new HeadSelector(Optional.empty(), Optional.empty()))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
