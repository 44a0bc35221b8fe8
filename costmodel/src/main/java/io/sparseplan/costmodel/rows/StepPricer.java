package io.sparseplan.costmodel.rows;

import io.sparseplan.costmodel.decode.DecodeRow;
import io.sparseplan.costmodel.decode.PricedSplitKv;
import io.sparseplan.costmodel.decode.SplitKvKernel;
import io.sparseplan.costmodel.decode.SplitKvLaunch;
import io.sparseplan.costmodel.decode.SplitKvTable;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.model.KvHeads;
import io.sparseplan.plans.model.QueryHeads;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Prices single decode steps of a split-KV kernel with a decode table. */
public final class StepPricer {
  private final SplitKvTable table;

  public StepPricer(SplitKvTable table) {
    this.table = table;
  }

  /** A step whose tile was not measured is priced in its own tiles, by their bytes. */
  public PricedStep price(DecodeRow row) {
    SplitKvLaunch launch = row.launch();
    Optional<SplitKvKernel> measured = table.kernelFor(launch.shape());
    var outside = new ArrayList<String>();
    SplitKvKernel kernel = measured.orElseGet(() -> nearest(launch, outside));
    outside.addAll(table.measured().outside(List.of(row.keyLength()), launch.batch().sequences()));
    row.kernel()
        .filter(name -> !name.equals(table.kernel()))
        .ifPresent(
            name ->
                outside.add("The kernel %s is priced like %s.".formatted(name, table.kernel())));
    return new PricedStep(row, table.micros(launch, kernel) / 1000, outside);
  }

  private SplitKvKernel nearest(SplitKvLaunch launch, List<String> outside) {
    int kvHeads = launch.visitedTiles().size();
    PricedSplitKv priced =
        table.priceFor(
            new AttentionShape(
                new QueryHeads(kvHeads * launch.shape().queryHeadsOfKvHead()),
                new KvHeads(kvHeads),
                launch.shape().headDim()));
    priced.warning().ifPresent(outside::add);
    SplitKvKernel near = priced.kernel();
    if (!near.shape().tile().equals(launch.shape().tile())) {
      outside.add(
          "Tiles of %d tokens are priced by those of %d."
              .formatted(launch.shape().tile().tokens(), near.shape().tile().tokens()));
    }
    double bytesRatio = (double) launch.shape().bytesOfTile() / near.shape().bytesOfTile();
    return new SplitKvKernel(
        launch.shape(),
        near.blocksEach(),
        near.blockMicros(),
        near.tileMicros() * bytesRatio,
        near.rows(),
        near.error());
  }
}
