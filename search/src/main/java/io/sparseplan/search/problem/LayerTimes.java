package io.sparseplan.search.problem;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A simulated time of one layer, looked up once for each tuple of candidates: all layers are alike,
 * so they share what is remembered. The tuples that were simulated first are forgotten first. Not
 * safe for use by several threads; each of these takes a {@link Session}.
 */
public final class LayerTimes {
  private static final int MOST_REMEMBERED = 1 << 17;

  /** The candidates of a layer's heads, compared by content. */
  private record Tuple(int[] candidates) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Tuple(int[] others) && Arrays.equals(candidates, others);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(candidates);
    }
  }

  /** A time in microseconds of a layer at a length. */
  @FunctionalInterface
  interface Simulation {
    double micros(int lengthIndex, int[] candidateOfHead);
  }

  private final Simulation simulation;
  private final boolean[] timed;
  private final Map<Tuple, double[]> remembered =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Tuple, double[]> eldest) {
          return size() > MOST_REMEMBERED;
        }
      };
  private long simulations;

  /**
   * @param timed for each length whether its time is of interest
   */
  LayerTimes(Simulation simulation, boolean[] timed) {
    this.simulation = simulation;
    this.timed = timed;
  }

  /**
   * The layer's time in microseconds at each length, 0 where it is of no interest. Not to be
   * changed.
   */
  public double[] micros(int[] candidateOfHead) {
    var tuple = new Tuple(candidateOfHead);
    double[] known = remembered.get(tuple);
    if (known != null) {
      return known;
    }
    simulations++;
    double[] micros = simulated(candidateOfHead);
    remembered.put(new Tuple(candidateOfHead.clone()), micros);
    return micros;
  }

  private double[] simulated(int[] candidateOfHead) {
    double[] micros = new double[timed.length];
    for (int n = 0; n < timed.length; n++) {
      if (timed[n]) {
        micros[n] = simulation.micros(n, candidateOfHead);
      }
    }
    return micros;
  }

  /** How often a layer was simulated. */
  public long simulations() {
    return simulations;
  }

  /** The tuples that are remembered. Not to be changed. */
  public List<int[]> tuples() {
    List<int[]> tuples = new ArrayList<>(remembered.size());
    remembered.keySet().forEach(tuple -> tuples.add(tuple.candidates()));
    return tuples;
  }

  /**
   * For one of several threads: knows what is remembered, and keeps what it simulates to itself
   * until it is {@link #adopt}ed. While sessions are in use, nothing else may be asked of the
   * times.
   */
  Session session() {
    return new Session();
  }

  /** Remembers what a session simulated. */
  void adopt(Session session) {
    session.own.forEach(remembered::putIfAbsent);
    simulations += session.own.size();
    session.own.clear();
  }

  /** What one thread looks up and simulates. */
  final class Session {
    private final Map<Tuple, double[]> own = new LinkedHashMap<>();

    double[] micros(int[] candidateOfHead) {
      var tuple = new Tuple(candidateOfHead);
      double[] known = remembered.get(tuple);
      if (known == null) {
        known = own.get(tuple);
      }
      if (known == null) {
        known = simulated(candidateOfHead);
        own.put(new Tuple(candidateOfHead.clone()), known);
      }
      return known;
    }

    int simulations() {
      return own.size();
    }
  }
}
