package io.sparseplan.profiler.gpu;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.model.HeadDim;
import io.sparseplan.plans.pattern.LineScores;
import io.sparseplan.plans.pattern.VerticalSlash;
import io.sparseplan.profiler.attention.LayerSums;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Takes the sums that rules and traits read of a layer on the GPU: {@code line_sums.cu}, {@code
 * pooled_scores.cu} and {@code antidiagonal_sums.cu}, compiled for one head_dim. Weights and scores
 * of single pairs never exist for a whole head; what comes to the host is a number a token, or a
 * number a pair of tiles.
 */
final class GpuLayerSums implements AutoCloseable {
  private static final int ROWS = VerticalSlash.LAST_QUERIES;
  private static final int ROWS_OF_A_WARP = 16;
  private static final int WARP = 32;

  /** Keys of a thread block of line sums, whatever tiles are. */
  private static final int LINE_KEYS = 64;

  /** Diagonals that run through such a block. */
  private static final int LINE_SPAN = ROWS + LINE_KEYS;

  private static final int POOLED_THREADS = 128;
  private static final int ANTIDIAGONAL_THREADS = 128;

  /** Groups of queries, and of keys, of a thread block of antidiagonal sums. */
  private static final int GROUPS_OF_A_BLOCK = 64;

  /** Of partial results of antidiagonal sums: heads go through them some at a time. */
  private static final long MOST_PARTIAL_BYTES = 1L << 29;

  private final GpuSession gpu;
  private final HeadDim headDim;
  private final TileSize tile;
  private final KernelModule ofLines;
  private final KernelModule ofPools;
  private final KernelModule ofAntidiagonals;
  private final Kernel lineMaxima;
  private final Kernel lineNormalizers;
  private final Kernel lineSums;
  private final Kernel tileMeans;
  private final Kernel pooledScores;
  private final Kernel antidiagonalPartials;
  private final Kernel antidiagonalEstimate;

  private GpuLayerSums(GpuSession gpu, HeadDim headDim, TileSize tile) {
    this.gpu = gpu;
    this.headDim = headDim;
    this.tile = tile;
    Map<String, Integer> ofHead = Map.of("HEAD_DIM", headDim.count());
    ofLines = gpu.load(gpu.image(new KernelChoice("line_sums.cu", ofHead)));
    ofPools = gpu.load(gpu.image(new KernelChoice("pooled_scores.cu", Map.of())));
    ofAntidiagonals = gpu.load(gpu.image(new KernelChoice("antidiagonal_sums.cu", ofHead)));
    int operands = (ROWS + LINE_KEYS) * headDim.count() * Short.BYTES;
    int weights = ROWS * (LINE_KEYS + 1) * Float.BYTES;
    lineMaxima = ofLines.kernel("line_maxima", operands);
    lineNormalizers = ofLines.kernel("line_normalizers", 0);
    lineSums = ofLines.kernel("line_sums", Math.max(operands, weights));
    tileMeans = ofPools.kernel("tile_means", 0);
    pooledScores = ofPools.kernel("pooled_scores", 0);
    antidiagonalPartials = ofAntidiagonals.kernel("antidiagonal_partials", 0);
    antidiagonalEstimate = ofAntidiagonals.kernel("antidiagonal_sums", 0);
  }

  /**
   * @throws BadInputException if no kernel was compiled for this head_dim and tile
   */
  static GpuLayerSums load(GpuSession gpu, HeadDim headDim, TileSize tile) {
    return new GpuLayerSums(gpu, headDim, tile);
  }

  /**
   * The sums of a layer, each taken when it is first asked for.
   *
   * @param shape of this head_dim and tile, one prompt, causal
   * @param buffers with the layer's queries and keys, as long as the sums are asked for
   */
  LayerSums of(PrefillShape shape, PrefillBuffers buffers) {
    return new OfLayer(shape, buffers);
  }

  private final class OfLayer implements LayerSums {
    private final PrefillShape shape;
    private final PrefillBuffers buffers;
    private final TileGrid grid;
    private final int tokens;
    private final int tiles;
    private final int heads;
    private final int kvHeads;
    private final Map<Integer, float[]> estimates = new HashMap<>();
    private Optional<LineScores[]> lines = Optional.empty();
    private Optional<float[]> pooled = Optional.empty();

    OfLayer(PrefillShape shape, PrefillBuffers buffers) {
      this.shape = shape;
      this.buffers = buffers;
      this.grid = shape.grid();
      this.tokens = grid.length().count();
      this.tiles = grid.tiles();
      this.heads = shape.attention().queryHeads().count();
      this.kvHeads = shape.attention().kvHeads().count();
    }

    @Override
    public synchronized Optional<LineScores> lines(int head) {
      if (lines.isEmpty()) {
        gpu.useOnThisThread();
        lines = Optional.of(takeLines());
      }
      return Optional.of(lines.get()[head]);
    }

    @Override
    public Optional<double[][]> pooledLogits(int head) {
      double[][] logits = rows(takenPools(), head);
      for (int queryTile = 0; queryTile < tiles; queryTile++) {
        Arrays.fill(logits[queryTile], 0, firstKeyTile(queryTile), Double.NEGATIVE_INFINITY);
      }
      return Optional.of(logits);
    }

    private synchronized float[] takenPools() {
      if (pooled.isEmpty()) {
        gpu.useOnThisThread();
        pooled = Optional.of(takePools());
      }
      return pooled.get();
    }

    @Override
    public Optional<double[][]> antidiagonals(int head, int stride) {
      int groups = tile.tokens() / stride;
      return tile.tokens() % stride == 0
              && Integer.bitCount(groups) == 1
              && groups <= GROUPS_OF_A_BLOCK
          ? Optional.of(rows(takenEstimates(stride), head))
          : Optional.empty();
    }

    private synchronized float[] takenEstimates(int stride) {
      gpu.useOnThisThread();
      return estimates.computeIfAbsent(stride, this::takeEstimates);
    }

    /** The first key tile that some query of the tile sees. */
    private int firstKeyTile(int queryTile) {
      return shape.reach().firstKey(grid.firstToken(queryTile)) / tile.tokens();
    }

    /** Of one head, from {@code [head][query tile][key tile]}. */
    private double[][] rows(float[] all, int head) {
      var rows = new double[tiles][];
      for (int queryTile = 0; queryTile < tiles; queryTile++) {
        int from = (head * tiles + queryTile) * tiles;
        rows[queryTile] = new double[queryTile + 1];
        Arrays.setAll(rows[queryTile], keyTile -> all[from + keyTile]);
      }
      return rows;
    }

    private LineScores[] takeLines() {
      int blocks = Math.ceilDiv(tokens, LINE_KEYS);
      var columns = new float[Math.multiplyExact(heads * blocks, LINE_KEYS)];
      var diagonals = new float[Math.multiplyExact(heads * blocks, LINE_SPAN)];
      try (GpuBuffer maxSum =
              gpu.allocate("maxima of lines", 2L * Float.BYTES * heads * blocks * ROWS);
          GpuBuffer normalizers =
              gpu.allocate("normalizers of lines", (long) Float.BYTES * heads * ROWS);
          GpuBuffer ofColumns =
              gpu.allocate("sums of columns", (long) Float.BYTES * columns.length);
          GpuBuffer ofDiagonals =
              gpu.allocate("sums of diagonals", (long) Float.BYTES * diagonals.length)) {
        var units = new Kernel.Grid(blocks, heads, 1);
        int threads = LINE_KEYS / ROWS_OF_A_WARP * WARP;
        lineMaxima
            .prepared(
                units,
                threads,
                buffers.queries().argument(),
                buffers.keys().argument(),
                maxSum.argument(),
                KernelArgument.of(tokens),
                KernelArgument.of(heads),
                KernelArgument.of(kvHeads),
                KernelArgument.of(shape.reachTokens()),
                KernelArgument.of(SoftmaxScale.log2Of(headDim)))
            .queue();
        lineNormalizers
            .prepared(
                new Kernel.Grid(heads, 1, 1),
                ROWS,
                maxSum.argument(),
                normalizers.argument(),
                KernelArgument.of(blocks))
            .queue();
        lineSums
            .prepared(
                units,
                threads,
                buffers.queries().argument(),
                buffers.keys().argument(),
                normalizers.argument(),
                ofColumns.argument(),
                ofDiagonals.argument(),
                KernelArgument.of(tokens),
                KernelArgument.of(heads),
                KernelArgument.of(kvHeads),
                KernelArgument.of(shape.reachTokens()),
                KernelArgument.of(SoftmaxScale.log2Of(headDim)))
            .queue();
        ofColumns.download(columns);
        ofDiagonals.download(diagonals);
      }
      var lines = new LineScores[heads];
      for (int head = 0; head < heads; head++) {
        int from = head * blocks * LINE_KEYS;
        lines[head] =
            new LineScores(
                grid,
                Arrays.copyOfRange(columns, from, from + tokens),
                diagonals(diagonals, head, blocks));
      }
      return lines;
    }

    /** Adds up the shares of the blocks of keys. */
    private float[] diagonals(float[] shares, int head, int blocks) {
      var sums = new float[tokens];
      int firstQuery = Math.max(0, tokens - ROWS);
      for (int block = 0; block < blocks; block++) {
        int from = (head * blocks + block) * LINE_SPAN;
        int distance = firstQuery - block * LINE_KEYS - LINE_KEYS + 1;
        for (int nth = Math.max(0, -distance); nth < LINE_SPAN && distance + nth < tokens; nth++) {
          sums[distance + nth] += shares[from + nth];
        }
      }
      return sums;
    }

    private float[] takePools() {
      var scores = new float[pairsOfTiles()];
      try (GpuBuffer ofQueries = means(heads);
          GpuBuffer ofKeys = means(kvHeads);
          GpuBuffer found = gpu.allocate("pooled scores", (long) Float.BYTES * scores.length)) {
        queueMeans(buffers.queries(), ofQueries, heads);
        queueMeans(buffers.keys(), ofKeys, kvHeads);
        pooledScores
            .prepared(
                new Kernel.Grid(tiles, heads, 1),
                POOLED_THREADS,
                ofQueries.argument(),
                ofKeys.argument(),
                found.argument(),
                KernelArgument.of(headDim.count()),
                KernelArgument.of(heads / kvHeads),
                KernelArgument.of((float) (1 / Math.sqrt(headDim.count()))))
            .queue();
        found.download(scores);
      }
      return scores;
    }

    private GpuBuffer means(int count) {
      return gpu.allocate("means of tiles", (long) Float.BYTES * count * tiles * headDim.count());
    }

    private void queueMeans(GpuBuffer rows, GpuBuffer means, int count) {
      tileMeans
          .prepared(
              new Kernel.Grid(tiles, count, 1),
              headDim.count(),
              rows.argument(),
              means.argument(),
              KernelArgument.of(tokens),
              KernelArgument.of(tile.tokens()))
          .queue();
    }

    private float[] takeEstimates(int stride) {
      var estimate = new float[pairsOfTiles()];
      int groups = Math.ceilDiv(tokens, stride);
      int groupsOfTile = tile.tokens() / stride;
      long bytesOfHead = 2L * Float.BYTES * groups * tiles;
      int atOnce = (int) Math.clamp(MOST_PARTIAL_BYTES / bytesOfHead, 1, heads);
      try (GpuBuffer partials = gpu.allocate("antidiagonal sums", atOnce * bytesOfHead);
          GpuBuffer found =
              gpu.allocate("antidiagonal estimates", (long) Float.BYTES * estimate.length)) {
        int blocks = Math.ceilDiv(groups, GROUPS_OF_A_BLOCK);
        for (int first = 0; first < heads; first += atOnce) {
          int count = Math.min(atOnce, heads - first);
          antidiagonalPartials
              .prepared(
                  new Kernel.Grid(blocks, blocks, count),
                  ANTIDIAGONAL_THREADS,
                  buffers.queries().argument(),
                  buffers.keys().argument(),
                  partials.argument(),
                  KernelArgument.of(first),
                  KernelArgument.of(tokens),
                  KernelArgument.of(heads / kvHeads),
                  KernelArgument.of(stride),
                  KernelArgument.of(groupsOfTile),
                  KernelArgument.of(tiles),
                  KernelArgument.of(SoftmaxScale.log2Of(headDim) / stride))
              .queue();
          antidiagonalEstimate
              .prepared(
                  new Kernel.Grid(tiles, count, 1),
                  ANTIDIAGONAL_THREADS,
                  partials.argument(),
                  found.argument(),
                  KernelArgument.of(first),
                  KernelArgument.of(groups),
                  KernelArgument.of(groupsOfTile),
                  KernelArgument.of(tile.tokens()),
                  KernelArgument.of(shape.reachTokens()))
              .queue();
        }
        found.download(estimate);
      }
      return estimate;
    }

    private int pairsOfTiles() {
      return Math.multiplyExact(heads * tiles, tiles);
    }
  }

  @Override
  public void close() {
    ofLines.close();
    ofPools.close();
    ofAntidiagonals.close();
  }
}
