package io.sparseplan.profiler.gpu;

import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.model.HeadDim;
import io.sparseplan.profiler.Workers;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Scores sets of key tiles against dense causal attention on the GPU: {@code set_scores.cu},
 * compiled for one head_dim and tile. Units go through it some at a time, as many as the memory for
 * their partial results holds.
 */
final class GpuSetScores implements AutoCloseable {
  private static final String SOURCE = "set_scores.cu";
  private static final int ROWS_OF_A_WARP = 16;
  private static final int WARP = 32;
  private static final int ROWS_OF_A_BLOCK = 8;
  private static final int FLOATS_OF_A_SCORE = 3;

  /** Of partial results: enough units to fill a GPU. */
  private static final long MOST_BYTES = 1L << 31;

  private static final int MOST_UNITS = 4096;

  /** Of a GPU's free memory. */
  private static final double SHARE_OF_MEMORY = 0.5;

  private final GpuSession gpu;
  private final HeadDim headDim;
  private final TileSize tile;
  private final Workers workers;
  private final KernelModule module;
  private final Kernel partials;
  private final Kernel compare;

  private GpuSetScores(
      GpuSession gpu, HeadDim headDim, TileSize tile, Workers workers, KernelModule module) {
    this.gpu = gpu;
    this.headDim = headDim;
    this.tile = tile;
    this.workers = workers;
    this.module = module;
    this.partials =
        module.kernel("set_scores_partials", 3 * tile.tokens() * headDim.count() * Short.BYTES);
    this.compare = module.kernel("set_scores_compare", 0);
  }

  /**
   * @throws BadInputException if no kernel was compiled for this head_dim and tile
   */
  static GpuSetScores load(GpuSession gpu, HeadDim headDim, TileSize tile, Workers workers) {
    Map<String, Integer> defines = Map.of("HEAD_DIM", headDim.count(), "TILE", tile.tokens());
    return new GpuSetScores(
        gpu, headDim, tile, workers, gpu.load(gpu.image(new KernelChoice(SOURCE, defines))));
  }

  /**
   * Scores a layer.
   *
   * @param shape of this head_dim and tile, one prompt, causal
   * @param buffers after the forward pass
   * @param outputGradient ∂L/∂O, [queryHeads][tokens][headDim], bf16
   * @param programs {@code [head][queryTile]}
   * @param visitor sees each unit, in any order and on any thread
   */
  void score(
      PrefillShape shape,
      PrefillBuffers buffers,
      GpuBuffer outputGradient,
      SetProgram[][] programs,
      SetScoreVisitor visitor) {
    int tiles = shape.grid().tiles();
    int all = programs.length * tiles;
    long rowsOfUnit = (long) tiles * tile.tokens();
    long unitBytes = rowsOfUnit * (headDim.count() + 2) * Float.BYTES;
    long budget = Math.min(MOST_BYTES, (long) (SHARE_OF_MEMORY * gpu.freeBytes()));
    int atOnce = (int) Math.clamp(budget / unitBytes, 1, Math.min(MOST_UNITS, all));
    try (GpuBuffer values =
            gpu.allocate(
                "partial results of %d query tiles".formatted(atOnce),
                atOnce * rowsOfUnit * headDim.count() * Float.BYTES);
        GpuBuffer maxSum =
            gpu.allocate("their maxima and sums", atOnce * rowsOfUnit * 2 * Float.BYTES)) {
      for (int first = 0; first < all; first += atOnce) {
        var chunk = new Chunk(shape, programs, first, Math.min(atOnce, all - first));
        queuePartials(shape, buffers, values, maxSum, chunk);
        compare(shape, values, maxSum, outputGradient, chunk, visitor);
      }
    }
  }

  private void queuePartials(
      PrefillShape shape, PrefillBuffers buffers, GpuBuffer values, GpuBuffer maxSum, Chunk chunk) {
    partials
        .prepared(
            new Kernel.Grid(shape.grid().tiles(), chunk.units.size(), 1),
            tile.tokens() / ROWS_OF_A_WARP * WARP,
            buffers.queries().argument(),
            buffers.keys().argument(),
            buffers.values().argument(),
            values.argument(),
            maxSum.argument(),
            KernelArgument.of(chunk.first),
            KernelArgument.of(shape.grid().length().count()),
            KernelArgument.of(shape.attention().queryHeads().count()),
            KernelArgument.of(shape.attention().kvHeads().count()),
            KernelArgument.of(shape.reachTokens()),
            KernelArgument.of(SoftmaxScale.log2Of(headDim)))
        .queue();
  }

  private void compare(
      PrefillShape shape,
      GpuBuffer values,
      GpuBuffer maxSum,
      GpuBuffer outputGradient,
      Chunk chunk,
      SetScoreVisitor visitor) {
    int units = chunk.units.size();
    int rows = tile.tokens();
    float[] scores = new float[Math.multiplyExact(chunk.sets * rows, FLOATS_OF_A_SCORE)];
    float[] norms = new float[units * rows];
    try (GpuBuffer stepsOfUnit = gpu.allocate("places", 2L * Integer.BYTES * units);
        GpuBuffer steps = gpu.allocate("steps", (long) Integer.BYTES * chunk.steps.length);
        GpuBuffer firstSets = gpu.allocate("places", (long) Integer.BYTES * units);
        GpuBuffer found = gpu.allocate("scores", (long) Float.BYTES * Math.max(1, scores.length));
        GpuBuffer foundNorms = gpu.allocate("norms", (long) Float.BYTES * norms.length)) {
      stepsOfUnit.upload(chunk.stepsOfUnit);
      steps.upload(chunk.steps);
      firstSets.upload(chunk.firstSets);
      compare
          .prepared(
              new Kernel.Grid(Math.ceilDiv(rows, ROWS_OF_A_BLOCK), units, 1),
              ROWS_OF_A_BLOCK * WARP,
              values.argument(),
              maxSum.argument(),
              outputGradient.argument(),
              stepsOfUnit.argument(),
              steps.argument(),
              firstSets.argument(),
              found.argument(),
              foundNorms.argument(),
              KernelArgument.of(chunk.first),
              KernelArgument.of(shape.grid().length().count()),
              KernelArgument.of(shape.attention().queryHeads().count()),
              KernelArgument.of(shape.grid().tiles()))
          .queue();
      found.download(scores);
      foundNorms.download(norms);
    }
    workers.forEach(
        units,
        (nth, worker) -> {
          QueryTileOfHead unit = chunk.units.get(nth);
          visitor.onUnit(
              unit.head(),
              unit.queryTile(),
              new SetScores(scores, chunk.firstSets[nth] * rows, norms, nth * rows, rows));
        });
  }

  /** Units that are launched together, and their programs one after the other. */
  private static final class Chunk {
    private final int first;
    private final List<QueryTileOfHead> units = new ArrayList<>();
    private final int[] stepsOfUnit;
    private final int[] firstSets;
    private final int[] steps;
    private final int sets;

    Chunk(PrefillShape shape, SetProgram[][] programs, int first, int count) {
      this.first = first;
      stepsOfUnit = new int[2 * count];
      firstSets = new int[count];
      // Heads with the same candidates share their programs.
      Map<SetProgram, Integer> starts = new IdentityHashMap<>();
      var distinct = new ArrayList<SetProgram>();
      int end = 0;
      int setsSoFar = 0;
      for (int nth = 0; nth < count; nth++) {
        QueryTileOfHead unit = QueryTileOfHead.at(first + nth, shape);
        units.add(unit);
        SetProgram program = programs[unit.head()][unit.queryTile()];
        Integer start = starts.putIfAbsent(program, end);
        if (start == null) {
          distinct.add(program);
          start = end;
          end += program.steps().length;
        }
        stepsOfUnit[2 * nth] = start;
        stepsOfUnit[2 * nth + 1] = program.steps().length;
        firstSets[nth] = setsSoFar;
        setsSoFar += program.sets();
      }
      sets = setsSoFar;
      // A launch must get an address even where nothing is to be scored.
      steps = new int[Math.max(1, end)];
      for (SetProgram program : distinct) {
        System.arraycopy(program.steps(), 0, steps, starts.get(program), program.steps().length);
      }
    }
  }

  @Override
  public void close() {
    module.close();
  }
}
