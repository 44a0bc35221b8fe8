package io.sparseplan.plans.pattern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.Extents;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.geometry.VideoLayout;
import io.sparseplan.plans.geometry.Visibility;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Rules that lay tokens out anew, against the same told token by token, on random heads. */
final class PermutedPatternTest {
  private static final int GEOMETRIES = 1_000;
  private static final int DIM = 3;

  private final SplittableRandom random = new SplittableRandom(43);

  private HeadVectors head(TileGrid grid) {
    int tokens = grid.length().count();
    return new HeadVectors(grid, vectors(tokens), vectors(tokens), new float[tokens][DIM]);
  }

  private float[][] vectors(int tokens) {
    float[][] vectors = new float[tokens][DIM];
    for (float[] vector : vectors) {
      for (int d = 0; d < DIM; d++) {
        vector[d] = (float) random.nextGaussian();
      }
    }
    return vectors;
  }

  /** How often each key counts for each query; 0 where it is not read. */
  private static double[][] weights(PermutedTiles tiles) {
    int tokens = tiles.grid().length().count();
    double[][] weights = new double[tokens][tokens];
    for (PermutedTiles.Read read : tiles.reads()) {
      for (int query : read.queries()) {
        for (int[] keys : read.keyTiles()) {
          for (int key : keys) {
            assertThat(weights[query][key]).as("read twice").isZero();
            weights[query][key] = read.weight();
          }
        }
      }
    }
    return weights;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int d = 0; d < DIM; d++) {
      sum += a[d] * b[d];
    }
    return sum;
  }

  private static double[] doubles(float[] vector) {
    return new double[] {vector[0], vector[1], vector[2]};
  }

  @Test
  void clustersOfQueriesSeeTheNearestClustersOfKeys() {
    for (int nth = 0; nth < GEOMETRIES; nth++) {
      var extents =
          new Extents(1 + random.nextInt(4), 1 + random.nextInt(4), 1 + random.nextInt(5));
      var video = new VideoLayout(extents, Tokens.of(random.nextInt(5)), extents);
      TileGrid grid = TileGrid.of(video, new TileSize(1 + random.nextInt(7)));
      HeadVectors head = head(grid);
      var rule =
          new ClusterTopP(
              1 + random.nextInt(9),
              1 + random.nextInt(9),
              random.nextDouble(),
              random.nextDouble() / 2,
              new ClusterTopP.Rounds(random.nextInt(6), 1, false),
              random.nextLong());
      PermutedTiles found = rule.permute(grid, rule.clusters(head));
      BitSet[] expected = keysOf(rule, head, extents.tokens());
      double[][] weights = weights(found);
      int tile = grid.tile().tokens();
      int[] order = order(rule, head, extents.tokens());
      for (int query = 0; query < expected.length; query++) {
        for (int key = 0; key < expected.length; key++) {
          assertThat(weights[query][key])
              .as("%s on %s: query %d, key %d", rule.label(), grid, query, key)
              .isEqualTo(expected[query].get(key) ? 1 : 0);
        }
      }
      for (int queryTile = 0; queryTile < grid.tiles(); queryTile++) {
        int keys = expected[order[queryTile * tile]].cardinality();
        boolean hasRagged = grid.length().count() % tile != 0;
        assertThat(found.visited()[queryTile])
            .isBetween(keys / tile, hasRagged ? keys / tile + 1 : keys / tile);
      }
    }
  }

  /** Queries in the order of their clusters. */
  private static int[] order(ClusterTopP rule, HeadVectors head, int videoTokens) {
    var draw = new SplittableRandom(rule.seed());
    int[] labels =
        labels(head.queries(), videoTokens, rule.queryClusters(), rule.rounds().first(), draw)
            .labels;
    return sorted(labels, head.grid().length().count());
  }

  private static int[] sorted(int[] labels, int tokens) {
    List<Integer> order = new ArrayList<>();
    for (int label = 0; label < labels.length; label++) {
      for (int token = 0; token < labels.length; token++) {
        if (labels[token] == label) {
          order.add(token);
        }
      }
    }
    for (int token = labels.length; token < tokens; token++) {
      order.add(token);
    }
    return order.stream().mapToInt(Integer::intValue).toArray();
  }

  private record Means(int[] labels, double[][] centroids) {}

  /** k-means as a textbook has it. */
  private static Means labels(
      float[][] vectors, int tokens, int clusters, int rounds, SplittableRandom draw) {
    List<Integer> pool = new ArrayList<>();
    for (int token = 0; token < tokens; token++) {
      pool.add(token);
    }
    int count = Math.min(clusters, tokens);
    double[][] centroids = new double[count][];
    for (int cluster = 0; cluster < count; cluster++) {
      int at = cluster + draw.nextInt(tokens - cluster);
      int drawn = pool.get(at);
      pool.set(at, pool.get(cluster));
      pool.set(cluster, drawn);
      centroids[cluster] = doubles(vectors[drawn]);
    }
    int[] labels = new int[tokens];
    for (int round = 0; round < Math.max(1, rounds); round++) {
      double[][] sums = new double[count][DIM];
      int[] sizes = new int[count];
      for (int token = 0; token < tokens; token++) {
        double[] x = doubles(vectors[token]);
        int best = 0;
        for (int cluster = 0; cluster < count; cluster++) {
          if (distance(x, centroids[cluster]) < distance(x, centroids[best])) {
            best = cluster;
          }
        }
        labels[token] = best;
        sizes[best]++;
        for (int d = 0; d < DIM; d++) {
          sums[best][d] += x[d];
        }
      }
      for (int cluster = 0; cluster < count; cluster++) {
        for (int d = 0; d < DIM && sizes[cluster] > 0; d++) {
          centroids[cluster][d] = sums[cluster][d] / sizes[cluster];
        }
      }
    }
    return new Means(labels, centroids);
  }

  private static double distance(double[] a, double[] b) {
    double sum = 0;
    for (int d = 0; d < DIM; d++) {
      sum += (a[d] - b[d]) * (a[d] - b[d]);
    }
    return sum;
  }

  /** What each query reads: the tiles of the new order that hold a key which its tile wants. */
  private static BitSet[] keysOf(ClusterTopP rule, HeadVectors head, int videoTokens) {
    int tokens = head.grid().length().count();
    int tile = head.grid().tile().tokens();
    var draw = new SplittableRandom(rule.seed());
    Means queries =
        labels(head.queries(), videoTokens, rule.queryClusters(), rule.rounds().first(), draw);
    Means keys = labels(head.keys(), videoTokens, rule.keyClusters(), rule.rounds().first(), draw);
    int[] queryOrder = sorted(queries.labels, tokens);
    int[] keyOrder = sorted(keys.labels, tokens);
    var read = new BitSet[tokens];
    for (int at = 0; at < tokens; at++) {
      read[queryOrder[at]] = new BitSet();
      for (int from = at / tile * tile; from < Math.min(tokens, at / tile * tile + tile); from++) {
        for (int keyAt = 0; keyAt < tokens; keyAt++) {
          if (wants(rule, queries, keys, queryOrder[from], keyOrder[keyAt])) {
            for (int in = keyAt / tile * tile;
                in < Math.min(tokens, keyAt / tile * tile + tile);
                in++) {
              read[queryOrder[at]].set(keyOrder[in]);
            }
          }
        }
      }
    }
    return read;
  }

  /** Whether the share of all clusters that come before the key's is no more than the coverage. */
  private static boolean wants(ClusterTopP rule, Means queries, Means keys, int query, int key) {
    if (query >= queries.labels.length || key >= keys.labels.length) {
      return true;
    }
    double[] center = queries.centroids[queries.labels[query]];
    double[] shares = new double[keys.centroids.length];
    for (int label : keys.labels) {
      shares[label] += Math.exp(dot(center, keys.centroids[label]) / Math.sqrt(DIM));
    }
    double all = Arrays.stream(shares).sum();
    int own = keys.labels[key];
    double before = 0;
    int rank = 0;
    for (int cluster = 0; cluster < shares.length; cluster++) {
      if (shares[cluster] > shares[own] || (shares[cluster] == shares[own] && cluster < own)) {
        before += shares[cluster] / all;
        rank++;
      }
    }
    return rank == 0
        || before <= rule.coverage()
        || rank < (int) (rule.leastShare() * rule.keyClusters());
  }

  @Test
  void queriesOfAHashMeetKeysOfItAndASampleOfTheOthers() {
    int sampled = 0;
    for (int nth = 0; nth < GEOMETRIES; nth++) {
      TileGrid causal =
          TileGrid.causal(Tokens.of(1 + random.nextInt(100)), new TileSize(1 + random.nextInt(9)));
      TileGrid grid =
          nth % 2 == 0 ? causal : TileGrid.bidirectional(causal.length(), causal.tile());
      HeadVectors head = head(grid);
      var rule =
          new HashBuckets(
              1 + random.nextInt(8),
              Tokens.of(1 + random.nextInt(12)),
              Tokens.of(random.nextInt(6)),
              Tokens.of(random.nextInt(30)),
              random.nextLong());
      PermutedTiles found = rule.permute(head);
      double[][] weights = weights(found);
      double[][] expected = new Hashed(rule, head).weights;
      for (int query = 0; query < weights.length; query++) {
        for (int key = 0; key < weights.length; key++) {
          if (nth % 2 == 1 || key <= query) {
            assertThat(weights[query][key])
                .as("%s on %s: query %d, key %d", rule.label(), grid, query, key)
                .isEqualTo(expected[query][key]);
            sampled += expected[query][key] > 1 ? 1 : 0;
          }
        }
      }
      for (int queryTile = 0; queryTile < grid.tiles(); queryTile++) {
        assertThat(found.visited()[queryTile]).isBetween(1, grid.lastVisibleKeyTile(queryTile) + 1);
      }
    }
    assertThat(sampled).isGreaterThan(1000);
  }

  /** HyperAttention as its paper tells it, piece by piece, in tables of all pairs. */
  private static final class Hashed {
    private final HashBuckets rule;
    private final HeadVectors head;
    private final int tile;
    private final double[][] axes;
    private final SplittableRandom draw;
    private final double[][] weights;

    Hashed(HashBuckets rule, HeadVectors head) {
      this.rule = rule;
      this.head = head;
      tile = head.grid().tile().tokens();
      draw = new SplittableRandom(rule.seed());
      axes = new double[rule.projections()][DIM];
      for (double[] axis : axes) {
        for (int d = 0; d < DIM; d++) {
          axis[d] = draw.nextGaussian();
        }
      }
      int tokens = head.grid().length().count();
      weights = new double[tokens][tokens];
      if (head.grid().visibility() == Visibility.CAUSAL) {
        causal(0, tokens);
      } else {
        beside(0, tokens, 0, tokens);
      }
    }

    private void causal(int first, int end) {
      int tiles = Math.ceilDiv(end - first, tile);
      if (tiles > 1 && end - first > rule.exact().count()) {
        int middle = first + (tiles + 1) / 2 * tile;
        causal(first, middle);
        causal(middle, end);
        beside(middle, end, first, middle);
      } else {
        for (int query = first; query < end; query++) {
          for (int key = first; key <= query; key++) {
            weights[query][key] = 1;
          }
        }
      }
    }

    private void beside(int firstQuery, int endQuery, int firstKey, int endKey) {
      int n = endKey - firstKey;
      int queries = endQuery - firstQuery;
      boolean all = queries < rule.exact().count();
      List<Integer> sample = all ? List.of() : sample(firstKey, n);
      List<Integer> queryOrder = byHash(head.queries(), firstQuery, endQuery);
      List<Integer> keyOrder = byHash(head.keys(), firstKey, endKey);
      int blocks = Math.max(1, n / rule.bucket().count());
      for (int from = 0; from < queries; from += tile) {
        int to = Math.min(queries, from + tile);
        var wanted = new BitSet();
        for (int block = 0; block < blocks; block++) {
          int firstOfBlock = (int) ((long) block * queries / blocks);
          int endOfBlock = (int) ((long) (block + 1) * queries / blocks);
          if (Math.max(firstOfBlock, from) < Math.min(endOfBlock, to)) {
            for (int at = block * n / blocks; at < (block + 1) * n / blocks; at++) {
              wanted.set(at / tile);
            }
          }
        }
        // Tiles between two blocks that are wanted are wanted too.
        if (!wanted.isEmpty()) {
          wanted.set(wanted.nextSetBit(0), wanted.length());
        }
        List<Integer> others =
            sample.stream().filter(key -> !wanted.get(keyOrder.indexOf(key) / tile)).toList();
        int keyTiles = Math.ceilDiv(n, tile);
        if (all || wanted.cardinality() + Math.ceilDiv(others.size(), tile) >= keyTiles) {
          wanted.set(0, keyTiles);
          others = List.of();
        }
        for (int query : queryOrder.subList(from, to)) {
          for (int at = 0; at < n; at++) {
            if (wanted.get(at / tile)) {
              weights[query][keyOrder.get(at)] = 1;
            }
          }
          for (int key : others) {
            weights[query][key] = n / (double) sample.size();
          }
        }
      }
    }

    private List<Integer> sample(int firstKey, int n) {
      int[] pool = new int[n];
      Arrays.setAll(pool, at -> firstKey + at);
      List<Integer> sample = new ArrayList<>();
      for (int at = 0; at < Math.min(rule.sample().count(), n); at++) {
        int other = at + draw.nextInt(n - at);
        int kept = pool[at];
        pool[at] = pool[other];
        pool[other] = kept;
        sample.add(pool[at]);
      }
      return sample;
    }

    /** A table of the Gray code says where each row of signs stands. */
    private List<Integer> byHash(float[][] vectors, int first, int end) {
      int[] placeOf = new int[1 << axes.length];
      for (int place = 0; place < placeOf.length; place++) {
        placeOf[place ^ (place >> 1)] = place;
      }
      var tokensOfPlace = new TreeMap<Integer, List<Integer>>();
      for (int token = first; token < end; token++) {
        int signs = 0;
        for (int axis = 0; axis < axes.length; axis++) {
          if (dot(axes[axis], doubles(vectors[token])) > 0) {
            signs += 1 << axis;
          }
        }
        tokensOfPlace.computeIfAbsent(placeOf[signs], place -> new ArrayList<>()).add(token);
      }
      return tokensOfPlace.values().stream().flatMap(List::stream).toList();
    }
  }

  @Test
  void whatDoesNotFitIsRefused() {
    TileGrid language = TileGrid.causal(Tokens.of(10), TileSize.DEFAULT);
    var clusters = new ClusterTopP(2, 2, 0.5, 0, new ClusterTopP.Rounds(1, 1, false), 0);
    assertThatThrownBy(() -> clusters.clusters(head(language)))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("are of a video; 10 tokens lie one after the other");
    assertThatThrownBy(() -> new PermutedTiles(language, List.of(), new int[2]))
        .hasMessageContaining("visited tiles of 2 query tiles; the grid has 1");
  }
}
