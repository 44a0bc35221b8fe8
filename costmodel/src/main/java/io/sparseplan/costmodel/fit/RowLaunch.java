package io.sparseplan.costmodel.fit;

import io.sparseplan.costmodel.measured.MeasuredHead;
import io.sparseplan.costmodel.measured.MeasuredRow;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.HeadDim;
import io.sparseplan.plans.model.KvHeads;
import io.sparseplan.plans.model.QueryHeads;
import java.util.List;

/** What a row measured: rows of equal ones measured the same launch again. */
record RowLaunch(
    int batch,
    QueryHeads queryHeads,
    KvHeads kvHeads,
    HeadDim headDim,
    Tokens queryLength,
    Tokens keyLength,
    TileSize tile,
    boolean causal,
    List<MeasuredHead> heads) {
  static RowLaunch of(MeasuredRow row) {
    return new RowLaunch(
        row.batch(),
        row.queryHeads(),
        row.kvHeads(),
        row.headDim(),
        row.queryLength(),
        row.keyLength(),
        row.tile(),
        row.causal(),
        row.heads());
  }
}
