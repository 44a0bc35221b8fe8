package io.sparseplan.plans.pattern;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TokenLayout;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.geometry.Visibility;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Queries and keys of like direction, and a sample of all others: HyperAttention (arXiv 2310.05869,
 * §2 and algorithms 1, 3 and 4, and its code).
 *
 * <p>Idea: vectors of like direction have the same signs on random projections. Both queries and
 * keys are sorted by these signs, in the order of a Gray code, where neighbours differ in one sign,
 * and blocks of the two sorted orders see each other. Keys that are sampled stand for all others:
 * of n keys, each of m counts n ÷ m times.
 *
 * <p>A causal prompt is halved, again and again down to {@code exact} tokens, which are dense; the
 * later half of each piece sees the earlier half so, as no key of that is hidden. A half of less
 * than {@code exact} queries is dense too.
 *
 * <p>Halves are of whole tiles, and blocks are rounded up to whole tiles of the sorted orders: a
 * tile of queries visits the tiles of keys that the blocks of its queries reach. The sample is
 * drawn without replacement, once for each half, and a tile of queries leaves out of it what its
 * tiles hold. Where that is no fewer tiles than all, all are visited instead.
 *
 * @param projections whose signs are the hash, 1..30
 * @param bucket tokens of a block of the sorted order, at least one
 * @param sample keys that stand for all others; 0 for none
 * @param exact tokens up to which attention is dense
 * @param seed of projections and samples
 */
public record HashBuckets(
    @JsonProperty("projections") int projections,
    @JsonProperty("bucketTokens") Tokens bucket,
    @JsonProperty("sampleTokens") Tokens sample,
    @JsonProperty("exactTokens") Tokens exact,
    @JsonProperty("seed") long seed)
    implements PermutedPattern {
  private static final int MOST_PROJECTIONS = 30;

  public HashBuckets {
    if (projections < 1 || projections > MOST_PROJECTIONS) {
      throw new IllegalArgumentException(
          "The projections (%d) must be in 1..%d.".formatted(projections, MOST_PROJECTIONS));
    }
    if (bucket.count() < 1) {
      throw new IllegalArgumentException(
          "The bucketTokens (%s) must be positive.".formatted(bucket));
    }
  }

  /** Nothing of it looks back. */
  @Override
  public boolean fits(TokenLayout layout) {
    return true;
  }

  /**
   * A piece of the attention matrix: queries that see keys, none of which is hidden from any of
   * them; or a piece on the diagonal, that is dense.
   *
   * @param onDiagonal whether keys after a query are hidden
   */
  public record Piece(int firstQuery, int endQuery, int firstKey, int endKey, boolean onDiagonal) {
    /** How many queries. */
    public int queries() {
      return endQuery - firstQuery;
    }

    /** How many keys. */
    public int keys() {
      return endKey - firstKey;
    }
  }

  /** The pieces of the grid's attention matrix, halves before what is beside them. */
  public List<Piece> pieces(TileGrid grid) {
    var pieces = new ArrayList<Piece>();
    int tokens = grid.length().count();
    if (grid.visibility() == Visibility.CAUSAL) {
      halve(grid, 0, tokens, pieces);
    } else {
      pieces.add(new Piece(0, tokens, 0, tokens, false));
    }
    return pieces;
  }

  private void halve(TileGrid grid, int first, int end, List<Piece> pieces) {
    int tiles = grid.tile().tilesCovering(end - first);
    if (tiles == 1 || end - first <= exact.count()) {
      pieces.add(new Piece(first, end, first, end, true));
      return;
    }
    int middle = first + Math.ceilDiv(tiles, 2) * grid.tile().tokens();
    halve(grid, first, middle, pieces);
    halve(grid, middle, end, pieces);
    pieces.add(new Piece(middle, end, first, middle, false));
  }

  /** Whether the piece is dense. */
  public boolean isExact(Piece piece) {
    return piece.onDiagonal || piece.queries() < exact.count();
  }

  /** The tiles of the sorted orders that are visited. */
  public PermutedTiles permute(HeadVectors head) {
    TileGrid grid = head.grid();
    var random = new SplittableRandom(seed);
    double[][] axes = new double[projections][head.queries()[0].length];
    for (double[] axis : axes) {
      Arrays.setAll(axis, d -> random.nextGaussian());
    }
    int[] ofQueries = places(head.queries(), axes);
    int[] ofKeys = places(head.keys(), axes);
    var reads = new ArrayList<PermutedTiles.Read>();
    int[] visited = new int[grid.tiles()];
    for (Piece piece : pieces(grid)) {
      if (isExact(piece)) {
        readAll(grid, piece, reads, visited);
      } else {
        int[] sample =
            TokenClusters.drawn(piece.keys(), Math.min(sample().count(), piece.keys()), random);
        Arrays.setAll(sample, nth -> piece.firstKey + sample[nth]);
        int[] queries = sorted(piece.firstQuery, piece.endQuery, ofQueries);
        int[] keys = sorted(piece.firstKey, piece.endKey, ofKeys);
        read(grid, piece, queries, keys, sample, reads, visited);
      }
    }
    return new PermutedTiles(grid, reads, visited);
  }

  /** Where each vector's signs stand in the Gray code. */
  private static int[] places(float[][] vectors, double[][] axes) {
    int[] places = new int[vectors.length];
    for (int token = 0; token < places.length; token++) {
      int signs = 0;
      for (int axis = 0; axis < axes.length; axis++) {
        double product = 0;
        for (int d = 0; d < axes[axis].length; d++) {
          product += axes[axis][d] * vectors[token][d];
        }
        signs |= product > 0 ? 1 << axis : 0;
      }
      for (int shifted = signs >> 1; shifted != 0; shifted >>= 1) {
        signs ^= shifted;
      }
      places[token] = signs;
    }
    return places;
  }

  /** Tokens by their place in the code, those of one place in their order. */
  private static int[] sorted(int first, int end, int[] placeOf) {
    return IntStream.range(first, end)
        .boxed()
        .sorted(Comparator.comparingInt(token -> placeOf[token]))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  private static void readAll(
      TileGrid grid, Piece piece, List<PermutedTiles.Read> reads, int[] visited) {
    int size = grid.tile().tokens();
    int[][] queryTiles =
        PermutedTiles.tiles(grid, IntStream.range(piece.firstQuery, piece.endQuery).toArray());
    List<int[]> keyTiles =
        List.of(PermutedTiles.tiles(grid, IntStream.range(piece.firstKey, piece.endKey).toArray()));
    for (int tile = 0; tile < queryTiles.length; tile++) {
      int seen = piece.onDiagonal ? tile + 1 : keyTiles.size();
      reads.add(new PermutedTiles.Read(queryTiles[tile], keyTiles.subList(0, seen), 1));
      visited[piece.firstQuery / size + tile] += seen;
    }
  }

  private void read(
      TileGrid grid,
      Piece piece,
      int[] queries,
      int[] keys,
      int[] sample,
      List<PermutedTiles.Read> reads,
      int[] visited) {
    int size = grid.tile().tokens();
    long blocks = Math.max(1, keys.length / bucket.count());
    int[][] queryTiles = PermutedTiles.tiles(grid, queries);
    List<int[]> keyTiles = List.of(PermutedTiles.tiles(grid, keys));
    for (int tile = 0; tile < queryTiles.length; tile++) {
      int lastQuery = tile * size + queryTiles[tile].length - 1;
      // Block b has the tokens b·n ÷ blocks up to (b + 1)·n ÷ blocks of either order.
      long firstBlock = block((long) tile * size, blocks, queries.length);
      long endBlock = block(lastQuery, blocks, queries.length) + 1;
      int first = (int) (firstBlock * keys.length / blocks) / size;
      int end = Math.ceilDiv((int) (endBlock * keys.length / blocks), size);
      int[] others = without(sample, keyTiles.subList(first, end));
      int gathered = grid.tile().tilesCovering(others.length);
      int at = piece.firstQuery / size + tile;
      if (end - first + gathered >= keyTiles.size()) {
        reads.add(new PermutedTiles.Read(queryTiles[tile], keyTiles, 1));
        visited[at] += keyTiles.size();
      } else {
        reads.add(new PermutedTiles.Read(queryTiles[tile], keyTiles.subList(first, end), 1));
        reads.add(
            new PermutedTiles.Read(
                queryTiles[tile],
                List.of(PermutedTiles.tiles(grid, others)),
                keys.length / (double) Math.max(1, sample.length)));
        visited[at] += end - first + gathered;
      }
    }
  }

  /** The block that holds the place of an order of {@code count}. */
  private static long block(long place, long blocks, int count) {
    return ((place + 1) * blocks - 1) / count;
  }

  private static int[] without(int[] sample, List<int[]> keyTiles) {
    var held = new BitSet();
    keyTiles.forEach(tile -> Arrays.stream(tile).forEach(held::set));
    return Arrays.stream(sample).filter(key -> !held.get(key)).toArray();
  }

  @JsonIgnore
  @Override
  public String label() {
    return "lsh%d:%s+%s/%s%s"
        .formatted(projections, bucket, sample, exact, seed == 0 ? "" : "#" + seed);
  }
}
