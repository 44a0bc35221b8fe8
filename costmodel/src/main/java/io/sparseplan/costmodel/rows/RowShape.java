package io.sparseplan.costmodel.rows;

import io.sparseplan.costmodel.measured.Launch;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.AttentionShape;

/** What a launch is of, its patterns aside: rows of one shape are choices for the same layer. */
record RowShape(RowGroup group, AttentionShape attention, Tokens length, int batch, String kernel) {
  static RowShape of(PricedRow row) {
    Launch launch = row.row().launch();
    return new RowShape(
        RowGroup.of(row.row()),
        launch.attention(),
        launch.length(),
        launch.batch(),
        row.row().kernel().orElse(""));
  }
}
