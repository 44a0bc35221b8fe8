package io.sparseplan.report.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparseplan.costmodel.runtime.AttentionRuntime;
import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.report.fixture.PricedPlan;
import io.sparseplan.report.fixture.SyntheticPlan;
import io.sparseplan.report.fixture.SyntheticProfile;
import io.sparseplan.report.fixture.SyntheticValidation;
import io.sparseplan.report.source.PlanDevice;
import io.sparseplan.report.source.Validation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ValidityTest {
  private static final Plan PLAN =
      PricedPlan.of(SyntheticPlan.of(SyntheticProfile.small("llama-16m")));

  @Test
  void theShapeOfThePlanIsNamedAmongThoseThatWereFitted() {
    ShownValidity validity = Validity.of(PLAN, PlanDevice.shipped(PLAN), Optional.empty());

    assertThat(validity.sentence()).contains("h100-flex-attention", "mean error");
    assertThat(validity.fit().rows())
        .filteredOn(row -> row.getFirst().contains("this plan's"))
        .isNotEmpty()
        .allSatisfy(row -> assertThat(row.getFirst()).startsWith("head_dim 64, tile 128"));
    assertThat(validity.rows()).isEmpty();
  }

  @Test
  void aScaledTableSaysThatNobodyMeasured() {
    Plan scaled =
        PricedPlan.of(
            SyntheticPlan.of(SyntheticProfile.small("llama-16m")),
            "a100-flex-attention",
            AttentionRuntime.KERNEL_ALONE);

    assertThat(Validity.of(scaled, PlanDevice.shipped(scaled), Optional.empty()).sentence())
        .startsWith("Not measured on this GPU");
  }

  @Test
  void errorsAreOverAllRowsThoughNotAllAreDrawn() {
    ShownValidity.Rows rows =
        Validity.of(PLAN, Optional.empty(), Optional.of(SyntheticValidation.of(2000)))
            .rows()
            .orElseThrow();

    assertThat(rows.count()).isEqualTo(2000);
    assertThat(rows.points()).hasSize(ShownValidity.Rows.MOST_POINTS);
    assertThat(rows.errors().rows())
        .extracting(row -> row.get(1))
        .containsExactly("2,000", "1,600", "400");
  }

  @Test
  void aFileOfPricedRowsIsReadWithAndWithoutWhatIsOptional(@TempDir Path directory)
      throws Exception {
    Path file = directory.resolve("priced.json");
    Files.writeString(
        file,
        """
        [{"line": 1, "predicted_ms": 1.1, "measured_ms": 1.0, "in_range": true, "why": []},
         {"line": 2, "predicted_ms": 3.0, "in_range": false, "sdpa_predicted_ms": 2.0, "why": ["x"]}]
        """);
    assertThat(Validation.read(file).rows()).hasSize(1);
    assertThat(Validation.read(file).absoluteErrors()[0]).isBetween(0.0999, 0.1001);

    Files.writeString(
        file, "[{\"line\": 1, \"predicted_ms\": 1.1, \"in_range\": true, \"why\": []}]");
    assertThatThrownBy(() -> Validation.read(file))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("measured time");
    Files.writeString(file, "[{\"line\": 1}, 7]");
    assertThatThrownBy(() -> Validation.read(file))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("priced.json");
  }
}
