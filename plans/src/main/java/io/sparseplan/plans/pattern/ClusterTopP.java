package io.sparseplan.plans.pattern;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TokenLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Clusters of queries that see the clusters of keys nearest to them: Sparse VideoGen 2's
 * semantic-aware permutation (arXiv 2505.18875, §4, and its code), and before it the Routing
 * Transformer (arXiv 2003.05997). Its runtime permutes the tokens by cluster and keeps, for each
 * cluster of queries, the clusters of keys that come to a share of the softmax over centroids,
 * weighted by size.
 *
 * <p>Clusters are found by k-means of a head's video tokens. Of cluster i of queries, cluster j of
 * keys has the share |K_j|·exp(c_i·c_j ÷ √headDim), normalised. Those are kept, by falling share,
 * before which less than {@code coverage} was reached or exactly that, and {@code leastShare} of
 * all at least; of equals the earlier. Text comes after the clusters and sees and is seen by all.
 *
 * <p>Rounded up to whole tiles of the permuted order: a tile of queries visits each tile of keys
 * that holds a token which any of its clusters keeps. A prompt or a capture is one step by itself,
 * so clusters come from {@code rounds.first} rounds; a price is that of a later step.
 *
 * @param queryClusters how many clusters of queries, at least one
 * @param keyClusters how many clusters of keys, at least one
 * @param coverage the share to reach, 0..1
 * @param leastShare of the key clusters that every cluster of queries keeps, 0..1
 * @param rounds of k-means in the first sparse step and in each later one
 * @param seed of the draw of the tokens that k-means starts from
 */
public record ClusterTopP(
    @JsonProperty("queryClusters") int queryClusters,
    @JsonProperty("keyClusters") int keyClusters,
    @JsonProperty("coverage") double coverage,
    @JsonProperty("leastShare") double leastShare,
    @JsonProperty("rounds") Rounds rounds,
    @JsonProperty("seed") long seed)
    implements PermutedPattern {
  /**
   * How often k-means goes over all tokens.
   *
   * @param first in the first step
   * @param later in each step after it, from the centroids of the one before
   * @param fromStepZero whether dense steps at the start already count as first
   */
  public record Rounds(
      @JsonProperty("first") int first,
      @JsonProperty("later") int later,
      @JsonProperty("fromStepZero") boolean fromStepZero) {
    public Rounds {
      if (first < 0 || later < 0) {
        throw new IllegalArgumentException(
            "The rounds (%d, then %d) must not be negative.".formatted(first, later));
      }
    }
  }

  public ClusterTopP {
    if (queryClusters < 1 || keyClusters < 1) {
      throw new IllegalArgumentException(
          "The queryClusters (%d) and the keyClusters (%d) must be positive."
              .formatted(queryClusters, keyClusters));
    }
    ElasticTokens.requireShare("coverage", coverage);
    ElasticTokens.requireShare("leastShare", leastShare);
  }

  @Override
  public boolean fits(TokenLayout layout) {
    return layout.video().isPresent();
  }

  /**
   * What clusters depend on: rules that differ in nothing of it have the same.
   *
   * @param rounds of k-means
   */
  public record Clustering(int queryClusters, int keyClusters, int rounds, long seed) {}

  public Clustering clustering() {
    return new Clustering(queryClusters, keyClusters, rounds.first, seed);
  }

  /** The clusters of a head's video tokens. */
  public HeadClusters clusters(HeadVectors head) {
    int tokens = videoTokens(head.grid());
    var random = new SplittableRandom(seed);
    return new HeadClusters(
        TokenClusters.of(head.queries(), tokens, queryClusters, rounds.first, random),
        TokenClusters.of(head.keys(), tokens, keyClusters, rounds.first, random));
  }

  private int videoTokens(TileGrid grid) {
    return grid.video()
        .orElseThrow(
            () ->
                new BadInputException(
                    "The clusters of %s are of a video; %s tokens lie one after the other."
                        .formatted(label(), grid.length()),
                    "take the pattern for a plan of a video model."))
        .extents()
        .tokens();
  }

  /** The tiles of the permuted order that are visited. */
  public PermutedTiles permute(TileGrid grid, HeadClusters clusters) {
    BitSet[] kept = kept(clusters);
    int[] labelOfQuery = clusters.ofQueries().labels();
    int[] labelOfKey = clusters.ofKeys().labels();
    int[][] queryTiles = PermutedTiles.tiles(grid, withText(grid, clusters.ofQueries().order()));
    int[][] keyTiles = PermutedTiles.tiles(grid, withText(grid, clusters.ofKeys().order()));
    var clustersOfTile = new BitSet[keyTiles.length];
    for (int tile = 0; tile < keyTiles.length; tile++) {
      clustersOfTile[tile] = new BitSet();
      for (int key : keyTiles[tile]) {
        // Text is one more cluster, which all keep.
        clustersOfTile[tile].set(key < labelOfKey.length ? labelOfKey[key] : keyClusters);
      }
    }
    var reads = new ArrayList<PermutedTiles.Read>();
    int[] visited = new int[queryTiles.length];
    for (int tile = 0; tile < queryTiles.length; tile++) {
      var wanted = new BitSet();
      wanted.set(keyClusters);
      for (int query : queryTiles[tile]) {
        if (query < labelOfQuery.length) {
          wanted.or(kept[labelOfQuery[query]]);
        } else {
          wanted.set(0, keyClusters + 1);
        }
      }
      List<int[]> keys =
          IntStream.range(0, keyTiles.length)
              .filter(keyTile -> clustersOfTile[keyTile].intersects(wanted))
              .mapToObj(keyTile -> keyTiles[keyTile])
              .toList();
      reads.add(new PermutedTiles.Read(queryTiles[tile], keys, 1));
      visited[tile] = keys.size();
    }
    return new PermutedTiles(grid, reads, visited);
  }

  private static int[] withText(TileGrid grid, int[] order) {
    int[] all = Arrays.copyOf(order, grid.length().count());
    for (int token = order.length; token < all.length; token++) {
      all[token] = token;
    }
    return all;
  }

  /** The clusters of keys that each cluster of queries keeps. */
  private BitSet[] kept(HeadClusters clusters) {
    int[] sizes = clusters.ofKeys().sizes();
    double[][] keys = clusters.ofKeys().centroids();
    double[][] queries = clusters.ofQueries().centroids();
    var kept = new BitSet[queries.length];
    for (int cluster = 0; cluster < kept.length; cluster++) {
      double[] shares = shares(queries[cluster], keys, sizes);
      kept[cluster] = new BitSet();
      double before = 0;
      int count = 0;
      for (int key : byFallingShare(shares)) {
        if (count == 0 || before <= coverage || count < (int) (leastShare * keyClusters)) {
          kept[cluster].set(key);
        }
        before += shares[key];
        count++;
      }
    }
    return kept;
  }

  private static int[] byFallingShare(double[] shares) {
    return IntStream.range(0, shares.length)
        .boxed()
        .sorted(Comparator.comparingDouble(key -> -shares[key]))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  private static double[] shares(double[] query, double[][] keys, int[] sizes) {
    double[] shares = new double[keys.length];
    for (int key = 0; key < keys.length; key++) {
      for (int d = 0; d < query.length; d++) {
        shares[key] += query[d] * keys[key][d];
      }
      shares[key] /= Math.sqrt(query.length);
    }
    double max = Arrays.stream(shares).max().orElseThrow();
    double sum = 0;
    for (int key = 0; key < keys.length; key++) {
      shares[key] = sizes[key] * Math.exp(shares[key] - max);
      sum += shares[key];
    }
    for (int key = 0; key < keys.length; key++) {
      shares[key] /= sum;
    }
    return shares;
  }

  @JsonIgnore
  @Override
  public String label() {
    return "clusters%dx%d:%s%s@%d+%d%s%s"
        .formatted(
            queryClusters,
            keyClusters,
            ElasticTokens.number(coverage),
            leastShare > 0 ? "/" + ElasticTokens.number(leastShare) : "",
            rounds.first,
            rounds.later,
            rounds.fromStepZero ? "z" : "",
            seed == 0 ? "" : "#" + seed);
  }
}
