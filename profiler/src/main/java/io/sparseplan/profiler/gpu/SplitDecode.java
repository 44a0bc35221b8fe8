package io.sparseplan.profiler.gpu;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.model.HeadDim;
import java.util.Map;
import java.util.stream.IntStream;
import jcuda.Pointer;

/**
 * Attention of one new token a sequence over a list of key tiles for each KV head, its keys split
 * over thread blocks. The kernels are those of {@code split_decode.cu}, for one head_dim and group
 * of query heads.
 */
public final class SplitDecode implements AutoCloseable {
  private static final String SOURCE = "split_decode.cu";
  private static final int SPLIT_THREADS = 128;

  /** Groups of query heads that kernels were compiled for, the largest first. */
  private static final int[] GROUPS = {4, 2, 1};

  private final HeadDim headDim;
  private final QueryGroup group;
  private final KernelModule module;
  private final Kernel split;
  private final Kernel combine;

  /** Query heads that one thread block computes together; all read one KV head. */
  public record QueryGroup(int heads) {
    /** The largest one of which whole ones make up the query heads of a KV head. */
    static QueryGroup of(AttentionShape attention) {
      return new QueryGroup(
          IntStream.of(GROUPS)
              .filter(heads -> attention.groupSize() % heads == 0)
              .findFirst()
              .orElseThrow());
    }
  }

  private SplitDecode(HeadDim headDim, QueryGroup group, KernelModule module) {
    this.headDim = headDim;
    this.group = group;
    this.module = module;
    this.split = module.kernel("split_decode", 0);
    this.combine = module.kernel("combine", 0);
  }

  /**
   * @throws BadInputException if no kernel was compiled for this head_dim (64 and 128 are), or the
   *     driver cannot load it
   */
  public static SplitDecode load(GpuSession gpu, AttentionShape attention) {
    QueryGroup group = QueryGroup.of(attention);
    KernelImage image =
        gpu.image(
            new KernelChoice(
                SOURCE, Map.of("HEAD_DIM", attention.headDim().count(), "GROUP", group.heads())));
    return new SplitDecode(attention.headDim(), group, gpu.load(image));
  }

  public QueryGroup group() {
    return group;
  }

  /**
   * A launch of both kernels, not queued yet.
   *
   * @param queries [batch][queryHeads][headDim], bf16
   * @param keys [batch][kvHeads][tokens][headDim], bf16
   * @param values as the keys
   * @param work made for this kernel's group
   * @param output as the queries
   */
  public PreparedLaunch prepare(
      GpuBuffer queries, GpuBuffer keys, GpuBuffer values, DecodeWork work, GpuBuffer output) {
    PreparedLaunch first =
        split.prepared(
            new Kernel.Grid(work.chunkCount(), 1, 1),
            SPLIT_THREADS,
            queries.argument(),
            keys.argument(),
            values.argument(),
            work.chunks().argument(),
            work.keyTiles().argument(),
            work.partialOutputs().argument(),
            work.partialMaxSums().argument(),
            Pointer.to(new int[] {work.length().count()}),
            Pointer.to(new float[] {SoftmaxScale.log2Of(headDim)}));
    PreparedLaunch second =
        combine.prepared(
            new Kernel.Grid(work.groupCount() * group.heads(), 1, 1),
            headDim.count(),
            work.partialOutputs().argument(),
            work.partialMaxSums().argument(),
            work.firstChunks().argument(),
            output.argument());
    return () -> {
      first.queue();
      second.queue();
    };
  }

  @Override
  public void close() {
    module.close();
  }
}
