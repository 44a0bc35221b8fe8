package io.sparseplan.profiler.gpu;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.model.HeadDim;
import io.sparseplan.profiler.Workers;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import jcuda.Pointer;

/**
 * Scores spans of key tiles against dense causal attention on a Hopper GPU: {@code
 * span_scores_hopper.cu}, compiled for one head_dim and tile. What it needs of memory it keeps from
 * one layer to the next.
 */
public final class GpuSpanScores implements AutoCloseable {
  private static final String ENTRY = "span_scores_hopper";
  private static final int GROUP_ROWS = 64;
  private static final int WARPGROUP = 128;
  private static final int WARP = 32;

  /** Queries, and two stages of keys and of values. */
  private static final int TILES_IN_SHARED = 5;

  private static final int BARRIERS_BYTES = 10 * Long.BYTES;

  /** A thread keeps these many elements of the output in a piece. */
  private static final int PIECE_FLOATS = 4;

  private static final int PROGRAM_INTS = 4;

  /** Scores of one launch on the host. */
  private static final long MOST_BYTES = 1L << 28;

  private final GpuSession gpu;
  private final HeadDim headDim;
  private final TileSize tile;
  private final Workers workers;
  private final KernelModule module;
  private final Kernel kernel;
  private final GrowingBuffer programs;
  private final GrowingBuffer steps;
  private final GrowingBuffer batches;
  private final GrowingBuffer firstScores;
  private final GrowingBuffer kept;
  private final GrowingBuffer sumsBuffer;
  private final GrowingBuffer binsBuffer;
  private final GrowingBuffer normsBuffer;
  private float[] sums = {};
  private byte[] bins = {};

  private GpuSpanScores(
      GpuSession gpu, HeadDim headDim, TileSize tile, Workers workers, KernelModule module) {
    this.gpu = gpu;
    this.headDim = headDim;
    this.tile = tile;
    this.workers = workers;
    this.module = module;
    this.programs = new GrowingBuffer(gpu, "what to score");
    this.steps = new GrowingBuffer(gpu, "what to score");
    this.batches = new GrowingBuffer(gpu, "what to score");
    this.firstScores = new GrowingBuffer(gpu, "what to score");
    this.kept = new GrowingBuffer(gpu, "partial attention");
    this.sumsBuffer = new GrowingBuffer(gpu, "scores");
    this.binsBuffer = new GrowingBuffer(gpu, "scores");
    this.normsBuffer = new GrowingBuffer(gpu, "scores");
    int warps = groups() * WARPGROUP / WARP;
    this.kernel =
        module.kernel(
            ENTRY,
            TILES_IN_SHARED * tile.tokens() * headDim.count() * Short.BYTES
                + BARRIERS_BYTES
                + 2 * warps * SpanProgram.BATCH_SPANS * SpanScores.SUMS * Float.BYTES);
  }

  /** Whether this GPU is one that the kernel was compiled for. */
  public static boolean runsOn(Gpu gpu) {
    return gpu.capability().equals(ComputeCapability.HOPPER);
  }

  /**
   * @throws BadInputException if no kernel was compiled for this GPU, head_dim and tile
   */
  public static GpuSpanScores load(
      GpuSession gpu, HeadDim headDim, TileSize tile, Workers workers) {
    Map<String, Integer> defines = Map.of("HEAD_DIM", headDim.count(), "TILE", tile.tokens());
    return new GpuSpanScores(
        gpu, headDim, tile, workers, gpu.load(gpu.image(new KernelChoice(ENTRY + ".cu", defines))));
  }

  private int groups() {
    return tile.tokens() / GROUP_ROWS;
  }

  /**
   * Scores a layer.
   *
   * @param shape of this head_dim and tile, one prompt, causal
   * @param buffers with its queries, keys and values
   * @param outputGradient ∂L/∂O, [queryHeads][tokens][headDim], bf16
   * @param ofHeads {@code [head][queryTile]}
   * @param visitor sees each query tile, in any order and on any thread
   */
  public void score(
      PrefillShape shape,
      PrefillBuffers buffers,
      GpuBuffer outputGradient,
      SpanProgram[][] ofHeads,
      SpanScoreVisitor visitor) {
    int all = ofHeads.length * shape.grid().tiles();
    int first = 0;
    while (first < all) {
      var chunk = new Chunk(shape, ofHeads, first, tile);
      score(shape, buffers, outputGradient, chunk, visitor);
      first += chunk.units.size();
    }
  }

  private void score(
      PrefillShape shape,
      PrefillBuffers buffers,
      GpuBuffer outputGradient,
      Chunk chunk,
      SpanScoreVisitor visitor) {
    int units = chunk.units.size();
    int blocks = Math.min(units, gpu.gpu().multiprocessors() * (groups() == 1 ? 2 : 1));
    int threads = groups() * WARPGROUP;
    int elements = GROUP_ROWS * headDim.count() / WARPGROUP;
    // Of each thread also two maxima and two sums.
    long placeBytes = (long) threads * (elements + PIECE_FLOATS) * Float.BYTES;
    makeRoom(chunk.scores);
    GpuBuffer foundSums = sumsBuffer.ofAtLeast((long) Float.BYTES * sums.length);
    GpuBuffer foundBins = binsBuffer.ofAtLeast(bins.length);
    GpuBuffer foundNorms = normsBuffer.ofAtLeast((long) Float.BYTES * units);
    kernel
        .prepared(
            new Kernel.Grid(blocks, 1, 1),
            (groups() + 1) * WARPGROUP,
            map(buffers.queries(), shape.attention().queryHeads().count(), shape),
            map(buffers.keys(), shape.attention().kvHeads().count(), shape),
            map(buffers.values(), shape.attention().kvHeads().count(), shape),
            outputGradient.argument(),
            programs.of(chunk.programs).argument(),
            steps.of(chunk.steps).argument(),
            batches.of(chunk.batches).argument(),
            firstScores.of(chunk.firstScores).argument(),
            kept.ofAtLeast(blocks * chunk.places * placeBytes).argument(),
            foundSums.argument(),
            foundBins.argument(),
            foundNorms.argument(),
            KernelArgument.of(chunk.places),
            KernelArgument.of(chunk.first),
            KernelArgument.of(units),
            KernelArgument.of(shape.grid().length().count()),
            KernelArgument.of(shape.attention().queryHeads().count()),
            KernelArgument.of(shape.attention().kvHeads().count()),
            KernelArgument.of(shape.reachTokens()),
            KernelArgument.of(SoftmaxScale.log2Of(headDim)))
        .queue();
    float[] norms = new float[units];
    foundSums.download(sums, chunk.scores * SpanScores.SUMS);
    foundBins.download(bins, chunk.scores * tile.tokens());
    foundNorms.download(norms);
    workers.forEach(
        units,
        (nth, worker) -> {
          QueryTileOfHead unit = chunk.units.get(nth);
          visitor.onUnit(
              unit.head(),
              unit.queryTile(),
              new SpanScores(
                  chunk.programOf(nth),
                  sums,
                  bins,
                  chunk.firstScores[nth],
                  tile.tokens(),
                  norms[nth]));
        });
  }

  private void makeRoom(int scores) {
    if (bins.length < scores * tile.tokens()) {
      sums = new float[scores * SpanScores.SUMS];
      bins = new byte[scores * tile.tokens()];
    }
  }

  private Pointer map(GpuBuffer buffer, long matrices, PrefillShape shape) {
    return TensorMap.of(
            buffer,
            new TensorMap.Layout(
                matrices, shape.grid().length().count(), headDim.count(), tile.tokens()))
        .argument();
  }

  /** Units that are launched together, and their programs one after the other. */
  private static final class Chunk {
    private final int first;
    private final List<QueryTileOfHead> units = new ArrayList<>();
    private final SpanProgram[][] ofHeads;
    private final int[] programs;
    private final int[] steps;
    private final int[] batches;
    private final int[] firstScores;
    private int scores;
    private int places;

    Chunk(PrefillShape shape, SpanProgram[][] ofHeads, int first, TileSize tile) {
      this.first = first;
      this.ofHeads = ofHeads;
      int all = ofHeads.length * shape.grid().tiles();
      // Heads with the same candidates share their programs.
      Map<SpanProgram, Starts> starts = new IdentityHashMap<>();
      var distinct = new ArrayList<SpanProgram>();
      var end = new Starts(0, 0);
      for (int unit = first; unit < all; unit++) {
        units.add(QueryTileOfHead.at(unit, shape));
        SpanProgram program = programOf(unit - first);
        long bytes = (long) (scores + program.scores()) * tile.tokens();
        if (unit > first && bytes > MOST_BYTES) {
          units.removeLast();
          break;
        }
        if (starts.putIfAbsent(program, end) == null) {
          distinct.add(program);
          end = end.after(program);
        }
        scores += program.scores();
        places = Math.max(places, program.places());
      }
      steps = new int[end.step];
      batches = new int[end.batch * SpanProgram.BATCH_INTS];
      for (SpanProgram program : distinct) {
        Starts at = starts.get(program);
        System.arraycopy(program.steps(), 0, steps, at.step, program.steps().length);
        System.arraycopy(
            program.batches(),
            0,
            batches,
            at.batch * SpanProgram.BATCH_INTS,
            program.batches().length);
      }
      programs = new int[units.size() * PROGRAM_INTS];
      firstScores = new int[units.size()];
      int score = 0;
      for (int nth = 0; nth < units.size(); nth++) {
        SpanProgram program = programOf(nth);
        Starts at = starts.get(program);
        programs[nth * PROGRAM_INTS] = at.step;
        programs[nth * PROGRAM_INTS + 1] = program.steps().length;
        programs[nth * PROGRAM_INTS + 2] = at.batch;
        programs[nth * PROGRAM_INTS + 3] = program.batches().length / SpanProgram.BATCH_INTS;
        firstScores[nth] = score;
        score += program.scores();
      }
    }

    /** Where a program's steps and batches begin. */
    private record Starts(int step, int batch) {
      Starts after(SpanProgram program) {
        return new Starts(
            step + program.steps().length,
            batch + program.batches().length / SpanProgram.BATCH_INTS);
      }
    }

    SpanProgram programOf(int nth) {
      QueryTileOfHead unit = units.get(nth);
      return ofHeads[unit.head()][unit.queryTile()];
    }
  }

  @Override
  public void close() {
    List.of(programs, steps, batches, firstScores, kept, sumsBuffer, binsBuffer, normsBuffer)
        .forEach(GrowingBuffer::close);
    module.close();
  }
}
