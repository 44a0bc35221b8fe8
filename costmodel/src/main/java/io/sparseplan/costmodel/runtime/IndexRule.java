package io.sparseplan.costmodel.runtime;

import io.sparseplan.plans.geometry.Extents;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.geometry.Visibility;
import io.sparseplan.plans.model.HeadDim;
import io.sparseplan.plans.pattern.AnchorThreshold;
import io.sparseplan.plans.pattern.AntidiagonalTopP;
import io.sparseplan.plans.pattern.BlockThreshold;
import io.sparseplan.plans.pattern.BlockTopK;
import io.sparseplan.plans.pattern.BlockTopP;
import io.sparseplan.plans.pattern.ChunkTopK;
import io.sparseplan.plans.pattern.ClusterTopP;
import io.sparseplan.plans.pattern.CompensatedBuffer;
import io.sparseplan.plans.pattern.CoveringVerticalSlash;
import io.sparseplan.plans.pattern.FixedPattern;
import io.sparseplan.plans.pattern.HashBuckets;
import io.sparseplan.plans.pattern.HeavyChannels;
import io.sparseplan.plans.pattern.HierarchicalTopK;
import io.sparseplan.plans.pattern.KvBudget;
import io.sparseplan.plans.pattern.PageTopK;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.pattern.SampledBand;
import io.sparseplan.plans.pattern.SimilarityTopP;
import io.sparseplan.plans.pattern.SkipSoftmax;
import io.sparseplan.plans.pattern.TokensOfLayer;
import io.sparseplan.plans.pattern.VerticalSlash;
import io.sparseplan.plans.pattern.VideoChunkTopK;
import io.sparseplan.plans.pattern.VideoChunkTopP;
import io.sparseplan.plans.pattern.VideoChunks;

/**
 * How the tiles of a pattern, or what decoding reads, are chosen at run time when a prompt is read,
 * and what that takes.
 *
 * <p>Idea: each rule is a pass over Q and K that is cheaper than attention. Its matrix products and
 * its traffic follow from its definition; {@link IndexWork#micros} turns them into a time. Sorting,
 * and turning indices into tile lists, are in the runtime's {@link Selection}, as they depend on
 * the program. In the formulas n is the length in tokens, d the head_dim, and numbers are bf16 in
 * memory and float32 in scores.
 */
public sealed interface IndexRule {
  /** What one head of one prompt takes. */
  IndexWork work(TileGrid grid, HeadDim headDim);

  /**
   * The rule of a pattern: one more that selects does not compile before it has one.
   *
   * @param tile of the kernel, whose tiles are pooled
   */
  static IndexRule of(Pattern pattern, TileSize tile) {
    return switch (pattern) {
      case FixedPattern fixed -> new NothingBuilt();
      case VerticalSlash lines -> new LastQueries(VerticalSlash.LAST_QUERIES);
      case BlockTopK blocks -> new PooledBlocks(tile);
      case BlockTopP blocks -> new PooledBlocks(tile);
      case BlockThreshold blocks -> new PooledBlocks(tile);
      case AnchorThreshold blocks -> new PooledBlocks(tile);
      case ChunkTopK chunks -> new PooledBlocks(tile);
      case CoveringVerticalSlash lines -> new LastQueries(VerticalSlash.LAST_QUERIES);
      case AntidiagonalTopP sums -> new Antidiagonal(sums.stride());
      case SimilarityTopP blocks -> new PooledBlocks(tile);
      case VideoChunkTopK chunks -> new PooledChunks(tile, chunks.chunk());
      case VideoChunkTopP chunks -> new PooledChunks(tile, chunks.chunk());
      case KvBudget budget -> new LastQueries(budget.observed().count());
      case PageTopK pages -> new PageBounds(pages.part());
      case HeavyChannels heavy -> new LabelCache(heavy.channels().size());
      case CompensatedBuffer buffer -> new MergedTokens();
      case TokensOfLayer reader -> new NothingBuilt();
      case HierarchicalTopK stages -> new Stages(stages);
      case SkipSoftmax skip -> new NothingBuilt();
      case SampledBand band -> new SampledRows(band.sampledRows());
      case ClusterTopP clusters ->
          new KMeans(
              clusters.queryClusters(),
              clusters.keyClusters(),
              Math.max(1, clusters.rounds().later()));
      case HashBuckets buckets -> new SortedHashes(buckets);
    };
  }

  /** Whether tiles are chosen at run time at all. */
  default boolean runs() {
    return true;
  }

  /**
   * The geometry alone says which tiles, or the attention kernel decides as it goes, in its own
   * time.
   */
  record NothingBuilt() implements IndexRule {
    @Override
    public boolean runs() {
      return false;
    }

    @Override
    public IndexWork work(TileGrid grid, HeadDim headDim) {
      return IndexWork.NONE;
    }
  }

  /**
   * MInference's vertical-slash (arXiv 2407.02490, algorithm 1): the last {@code queries} queries
   * attend to all keys, and columns and diagonals of their weights are summed. 2·queries·n·d FLOP;
   * K is read, and the scores are written, read for the softmax and read for the sums.
   */
  record LastQueries(int queries) implements IndexRule {
    public LastQueries {
      requirePositive("queries", queries);
    }

    @Override
    public IndexWork work(TileGrid grid, HeadDim headDim) {
      double n = grid.length().count();
      double rows = Math.min(queries, n);
      return new IndexWork(
          2 * rows * n * headDim.count(), vectors(1, grid, headDim) + 3 * floats(rows * n));
    }
  }

  /**
   * XAttention's antidiagonal sums (arXiv 2503.16428, algorithm 1): one product of Q and K, both
   * folded by {@code stride}, that is (n ÷ stride)² sums of stride·d products: 2·n²·d ÷ stride
   * FLOP, half of it where causal. Q and K are read; the scores are written and read.
   */
  record Antidiagonal(int stride) implements IndexRule {
    public Antidiagonal {
      requirePositive("stride", stride);
    }

    @Override
    public IndexWork work(TileGrid grid, HeadDim headDim) {
      double pairs = pairs(grid, stride);
      return new IndexWork(
          2 * pairs * stride * headDim.count(), vectors(2, grid, headDim) + 2 * floats(pairs));
    }
  }

  /**
   * Block scores from Q and K pooled over blocks, as in MInference's block-sparse, FlexPrefill
   * (arXiv 2502.20766) and SpargeAttn (arXiv 2502.18137): 2·(n ÷ block)²·d FLOP, half of it where
   * causal. Q and K are read to be pooled; the scores are written and read.
   */
  record PooledBlocks(TileSize block) implements IndexRule {
    @Override
    public IndexWork work(TileGrid grid, HeadDim headDim) {
      double pairs = pairs(grid, block.tokens());
      return new IndexWork(
          2 * pairs * headDim.count(), vectors(2, grid, headDim) + 2 * floats(pairs));
    }
  }

  /**
   * VMoBA's gate (arXiv 2506.23858, §3.2) for a tile of queries at a time: 2·(n ÷ tile)·chunks·d
   * FLOP. Q and K are read to be pooled; the scores are written and read.
   */
  record PooledChunks(TileSize tile, Extents chunk) implements IndexRule {
    @Override
    public IndexWork work(TileGrid grid, HeadDim headDim) {
      double pairs =
          (double) tile.tilesCovering(grid.length().count()) * new VideoChunks(grid, chunk).count();
      return new IndexWork(
          2 * pairs * headDim.count(), vectors(2, grid, headDim) + 2 * floats(pairs));
    }
  }

  /**
   * HiP's stages (arXiv 2406.09827; InfiniteHiP, arXiv 2502.08910, §3): for each block of queries
   * that chooses, and each chunk of what the stage looks at, log₂(chunk) halvings, each of which
   * scores one more key with the block's queries; 2·d FLOP a score. Q is read once a stage, one key
   * for each chunk and halving and block; chunks' scores are written and read.
   */
  record Stages(HierarchicalTopK rule) implements IndexRule {
    @Override
    public IndexWork work(TileGrid grid, HeadDim headDim) {
      double flops = 0;
      double bytes = 0;
      int n = grid.length().count();
      int chunkBefore = 1;
      for (HierarchicalTopK.Stage stage : rule.stages()) {
        double queries = Math.ceilDiv(stage.queryBlock().count(), stage.queryStride().count());
        long span = (long) stage.queryBlock().count() * stage.blockStride();
        double halvings = 1 + Math.ceil(Math.log(stage.chunk().count()) / Math.log(2));
        long most = stage.keep().count() == 0 ? n : Math.max(stage.keep().count(), chunkBefore);
        double chunks = 0;
        for (long first = 0; first < n; first += span) {
          long seen = first - rule.window().count() - rule.sink().count();
          chunks += Math.ceilDiv(Math.clamp(seen, 0, most), stage.chunk().count());
        }
        flops += 2 * chunks * halvings * queries * headDim.count();
        bytes += vectors(1, grid, headDim);
        bytes += 2 * chunks * halvings * headDim.count() + 2 * floats(chunks);
        chunkBefore = stage.chunk().count();
      }
      return new IndexWork(flops, bytes);
    }
  }

  /**
   * Sparse VideoGen's choice of a band (arXiv 2502.01776, §3.3): exact attention of {@code rows}
   * queries, and the two bands' on the same scores: 2·rows·n·d FLOP for the scores and as many for
   * each of three outputs. K and V are read, the scores written and read three times.
   */
  record SampledRows(int rows) implements IndexRule {
    public SampledRows {
      requirePositive("rows", rows);
    }

    @Override
    public IndexWork work(TileGrid grid, HeadDim headDim) {
      double scores = (double) rows * grid.length().count();
      return new IndexWork(
          4 * 2 * scores * headDim.count(), vectors(2, grid, headDim) + 4 * floats(scores));
    }
  }

  /**
   * Sparse VideoGen 2's clusters (arXiv 2505.18875, §4): k-means of Q and of K, each round of which
   * reads both twice, to assign and to average; then scores of all pairs of centroids, and Q, K and
   * V permuted by cluster and the output back.
   *
   * @param rounds of Lloyd's algorithm; 2 in a denoising step that starts from the last one's
   */
  record KMeans(int queryClusters, int keyClusters, int rounds) implements IndexRule {
    public KMeans {
      requirePositive("queryClusters", queryClusters);
      requirePositive("keyClusters", keyClusters);
      requirePositive("rounds", rounds);
    }

    @Override
    public IndexWork work(TileGrid grid, HeadDim headDim) {
      double n = grid.length().count();
      double d = headDim.count();
      double clusters = (double) queryClusters + keyClusters;
      double ofCentroids = 2.0 * queryClusters * keyClusters * d;
      return new IndexWork(
          rounds * 2 * n * clusters * d + ofCentroids,
          vectors(4 * rounds, grid, headDim) + vectors(8, grid, headDim));
    }
  }

  /**
   * Quest's pages (arXiv 2406.10774, §3.2): K is read once when the prompt has been, and the
   * channel-wise least and greatest key of every part are written.
   */
  record PageBounds(Tokens part) implements IndexRule {
    @Override
    public IndexWork work(TileGrid grid, HeadDim headDim) {
      double parts = Math.ceilDiv(grid.length().count(), part.count());
      return new IndexWork(0, vectors(1, grid, headDim) + 2 * 2 * parts * headDim.count());
    }
  }

  /**
   * Double Sparsity's label cache (arXiv 2408.07092, §3.2): K is read once when the prompt has
   * been, and some channels of it are written.
   */
  record LabelCache(int channels) implements IndexRule {
    public LabelCache {
      requirePositive("channels", channels);
    }

    @Override
    public IndexWork work(TileGrid grid, HeadDim headDim) {
      return new IndexWork(0, vectors(1, grid, headDim) + 2.0 * grid.length().count() * channels);
    }
  }

  /** RazorAttention's mean of what is dropped (arXiv 2407.15891, §3.3): K and V are read once. */
  record MergedTokens() implements IndexRule {
    @Override
    public IndexWork work(TileGrid grid, HeadDim headDim) {
      return new IndexWork(0, vectors(2, grid, headDim));
    }
  }

  /**
   * HyperAttention's sorting (arXiv 2310.05869, algorithm 1), for each piece of the matrix that is
   * not dense: signs of {@code projections} products of each of its queries and keys, 2·d FLOP
   * each. Q and K are read for them; Q, K and V are read and written in the sorted order; and the
   * output is read, merged with that of the pieces before, and written.
   */
  record SortedHashes(HashBuckets rule) implements IndexRule {
    @Override
    public IndexWork work(TileGrid grid, HeadDim headDim) {
      double d = headDim.count();
      double flops = 0;
      double vectors = 0;
      for (HashBuckets.Piece piece : rule.pieces(grid)) {
        if (!rule.isExact(piece)) {
          double tokens = (double) piece.queries() + piece.keys();
          flops += 2 * tokens * d * rule.projections();
          vectors += tokens + 2 * (tokens + piece.keys()) + 3.0 * piece.queries();
        }
      }
      return new IndexWork(flops, 2 * vectors * d);
    }
  }

  /** Bytes of so many tensors of one vector a token, in bf16. */
  private static double vectors(int tensors, TileGrid grid, HeadDim headDim) {
    return 2.0 * tensors * grid.length().count() * headDim.count();
  }

  /** Bytes of so many float32. */
  private static double floats(double count) {
    return 4 * count;
  }

  /** Pairs of query block and key block of so many tokens, the visible ones. */
  private static double pairs(TileGrid grid, int tokens) {
    double blocks = Math.ceilDiv(grid.length().count(), tokens);
    return grid.visibility() == Visibility.CAUSAL ? blocks * (blocks + 1) / 2 : blocks * blocks;
  }

  private static void requirePositive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException("The %s (%d) must be positive.".formatted(name, value));
    }
  }
}
