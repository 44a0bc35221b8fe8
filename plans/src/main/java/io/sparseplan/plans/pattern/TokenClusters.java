package io.sparseplan.plans.pattern;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * k-means of the first vectors of a head (Lloyd, IEEE Transactions on Information Theory 28, 1982),
 * by Euclidean distance. It starts from tokens drawn without replacement; each round assigns every
 * token to the nearest centroid, of equals the earlier, and moves centroids to their means. One
 * without tokens stays where it is. It ends early when no token changes.
 *
 * @param labels the cluster of each token
 * @param centroids {@code [cluster][headDim]}
 */
public record TokenClusters(int[] labels, double[][] centroids) {
  /**
   * @param tokens how many of the vectors
   * @param clusters at most as many as there are tokens count
   * @param rounds at least one is made
   */
  static TokenClusters of(
      float[][] vectors, int tokens, int clusters, int rounds, SplittableRandom random) {
    int count = Math.min(clusters, tokens);
    int dim = vectors[0].length;
    double[][] centroids = new double[count][dim];
    int[] drawn = drawn(tokens, count, random);
    for (int cluster = 0; cluster < count; cluster++) {
      for (int d = 0; d < dim; d++) {
        centroids[cluster][d] = vectors[drawn[cluster]][d];
      }
    }
    int[] labels = new int[tokens];
    Arrays.fill(labels, -1);
    boolean changed = true;
    for (int round = 0; round < Math.max(1, rounds) && changed; round++) {
      changed = assign(vectors, centroids, labels);
      if (changed) {
        move(vectors, labels, centroids);
      }
    }
    return new TokenClusters(labels, centroids);
  }

  /** Distinct numbers below {@code bound}, in the order of the draw. */
  static int[] drawn(int bound, int count, SplittableRandom random) {
    int[] numbers = IntStream.range(0, bound).toArray();
    for (int nth = 0; nth < count; nth++) {
      int other = nth + random.nextInt(bound - nth);
      int kept = numbers[nth];
      numbers[nth] = numbers[other];
      numbers[other] = kept;
    }
    return Arrays.copyOf(numbers, count);
  }

  private static boolean assign(float[][] vectors, double[][] centroids, int[] labels) {
    int dim = vectors[0].length;
    // By element first, so that one token meets all centroids in a plain loop.
    double[][] byElement = new double[dim][centroids.length];
    for (int cluster = 0; cluster < centroids.length; cluster++) {
      for (int d = 0; d < dim; d++) {
        byElement[d][cluster] = centroids[cluster][d];
      }
    }
    double[] distances = new double[centroids.length];
    boolean changed = false;
    for (int token = 0; token < labels.length; token++) {
      Arrays.fill(distances, 0);
      for (int d = 0; d < dim; d++) {
        double x = vectors[token][d];
        double[] elements = byElement[d];
        for (int cluster = 0; cluster < distances.length; cluster++) {
          distances[cluster] += (x - elements[cluster]) * (x - elements[cluster]);
        }
      }
      int nearest = 0;
      for (int cluster = 1; cluster < distances.length; cluster++) {
        nearest = distances[cluster] < distances[nearest] ? cluster : nearest;
      }
      changed |= labels[token] != nearest;
      labels[token] = nearest;
    }
    return changed;
  }

  private static void move(float[][] vectors, int[] labels, double[][] centroids) {
    double[][] sums = new double[centroids.length][centroids[0].length];
    int[] sizes = new int[centroids.length];
    for (int token = 0; token < labels.length; token++) {
      sizes[labels[token]]++;
      for (int d = 0; d < vectors[token].length; d++) {
        sums[labels[token]][d] += vectors[token][d];
      }
    }
    for (int cluster = 0; cluster < sizes.length; cluster++) {
      for (int d = 0; d < sums[cluster].length && sizes[cluster] > 0; d++) {
        centroids[cluster][d] = sums[cluster][d] / sizes[cluster];
      }
    }
  }

  /** How many tokens each cluster has. */
  int[] sizes() {
    int[] sizes = new int[centroids.length];
    for (int label : labels) {
      sizes[label]++;
    }
    return sizes;
  }

  /** The tokens cluster by cluster, those of one in their order. */
  int[] order() {
    int[] next = new int[centroids.length + 1];
    for (int label : labels) {
      next[label + 1]++;
    }
    for (int cluster = 1; cluster < next.length; cluster++) {
      next[cluster] += next[cluster - 1];
    }
    int[] order = new int[labels.length];
    for (int token = 0; token < labels.length; token++) {
      order[next[labels[token]]++] = token;
    }
    return order;
  }
}
