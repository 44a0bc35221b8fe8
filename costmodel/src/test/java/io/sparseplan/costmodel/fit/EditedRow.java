package io.sparseplan.costmodel.fit;

import io.sparseplan.costmodel.measured.MeasuredHead;
import io.sparseplan.costmodel.measured.MeasuredRow;
import io.sparseplan.plans.model.QueryHeads;
import java.util.List;

/** Measured rows with something else in them. */
final class EditedRow {
  private EditedRow() {}

  static MeasuredRow onGpu(String gpu, MeasuredRow row) {
    return edited(row, gpu, row.heads(), row.medianMillis());
  }

  static MeasuredRow withHeads(MeasuredRow row, List<MeasuredHead> heads) {
    return edited(row, row.gpu(), heads, row.medianMillis());
  }

  static MeasuredRow withMillis(MeasuredRow row, double millis) {
    return edited(row, row.gpu(), row.heads(), millis);
  }

  private static MeasuredRow edited(
      MeasuredRow row, String gpu, List<MeasuredHead> heads, double medianMillis) {
    return new MeasuredRow(
        gpu,
        row.kernel(),
        row.torch(),
        row.timing(),
        row.phase(),
        row.dtype(),
        row.batch(),
        new QueryHeads(heads.size()),
        row.kvHeads(),
        row.headDim(),
        row.queryLength(),
        row.keyLength(),
        row.tile(),
        row.causal(),
        heads,
        row.tiles(),
        medianMillis,
        row.minMillis(),
        row.launches(),
        row.sdpaMedianMillis());
  }
}
