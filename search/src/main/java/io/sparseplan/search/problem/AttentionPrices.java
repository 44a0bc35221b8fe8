package io.sparseplan.search.problem;

import io.sparseplan.costmodel.AttentionPricer;
import io.sparseplan.costmodel.BlockJitter;
import io.sparseplan.costmodel.HeadOffers;
import io.sparseplan.costmodel.KernelConstants;
import io.sparseplan.costmodel.Occupancy;
import io.sparseplan.costmodel.StepReads;
import io.sparseplan.plans.plan.Workload;
import java.util.Arrays;

/** The prices of the cost model, with what depends on one candidate alone looked up once. */
public final class AttentionPrices implements LayerPrices {
  private final AttentionPricer pricer;
  private final LayerCache cache;
  private final StepReads reads;
  private final Occupancy occupancy;
  private final boolean monotone;
  private final int batch;
  private final double[][] work;
  private final double[][] density;
  private final long[][][] blockTicks;
  private final double[] denseMicros;

  /** The constants, workload and candidates are those of the pricer, the cache and the reads. */
  public AttentionPrices(
      AttentionPricer pricer,
      KernelConstants constants,
      LayerCache cache,
      StepReads reads,
      Workload workload,
      HeadOffers offers) {
    this.pricer = pricer;
    this.cache = cache;
    this.reads = reads;
    this.occupancy = constants.occupancy();
    this.monotone = constants.isMonotone();
    this.batch = workload.batch();
    int lengths = workload.lengths().size();
    int candidates = offers.count();
    work = new double[lengths][candidates];
    density = new double[lengths][candidates];
    blockTicks = new long[lengths][][];
    denseMicros = new double[lengths];
    for (int n = 0; n < lengths; n++) {
      int length = n;
      denseMicros[n] = pricer.denseLayer(n).getFirst().millis() * 1000;
      Arrays.setAll(work[n], candidate -> pricer.headWorkMicros(length, candidate));
      Arrays.setAll(density[n], candidate -> pricer.density(length, candidate));
      long[][] blocks = new long[candidates][];
      Arrays.setAll(blocks, candidate -> pricer.blockTicks(length, candidate));
      blockTicks[n] = blocks;
    }
  }

  @Override
  public int lengths() {
    return work.length;
  }

  @Override
  public int candidates() {
    return work[0].length;
  }

  @Override
  public double layerMicros(int lengthIndex, int[] candidateOfHead) {
    return pricer.layerMicros(lengthIndex, candidateOfHead);
  }

  /**
   * Where the runtime launches the heads in another order, see {@link
   * AttentionPricer#leastLayerMicros}. Where no block waits, each has the same slot whatever the
   * others take, so a layer of longer blocks ends no earlier than this one; elsewhere see {@link
   * LeastMakespan}.
   */
  @Override
  public double leastMicros(int lengthIndex, int[] candidateOfHead) {
    if (!pricer.keepsOrder()) {
      return pricer.leastLayerMicros(lengthIndex, candidateOfHead);
    }
    long blocks = (long) batch * candidateOfHead.length * blockTicks[lengthIndex][0].length;
    if (monotone || blocks <= occupancy.slots()) {
      return pricer.separateMasksMicros(lengthIndex, candidateOfHead);
    }
    return pricer.fastestPathMicros(
        lengthIndex,
        launchMicros()
            + leastMakespanMicros(
                BlockJitter.of(occupancy, blocks), blockTicks[lengthIndex], candidateOfHead));
  }

  /** On average over the runs of a launch, of which none is shorter than its own. */
  private double leastMakespanMicros(BlockJitter jitter, long[][] ticks, int[] candidateOfHead) {
    double micros = 0;
    for (int run = 0; run < jitter.runs(); run++) {
      var makespan = new LeastMakespan(occupancy);
      long placed = 0;
      for (int candidate : candidateOfHead) {
        for (int prompt = 0; prompt < batch; prompt++) {
          makespan.place(jitter.ticks(ticks[candidate], run, placed), 1);
          placed += ticks[candidate].length;
        }
      }
      micros += makespan.micros() / jitter.runs();
    }
    return micros;
  }

  @Override
  public boolean isMonotone() {
    return monotone && pricer.keepsOrder() && !pricer.sharesMasks();
  }

  @Override
  public double denseLayerMicros(int lengthIndex) {
    return denseMicros[lengthIndex];
  }

  @Override
  public double headWorkMicros(int lengthIndex, int candidate) {
    return work[lengthIndex][candidate];
  }

  @Override
  public double launchMicros() {
    return pricer.launchMicros();
  }

  @Override
  public double cacheRatio(int lengthIndex, int[] candidateOfHead) {
    return cache.ratio(lengthIndex, candidateOfHead);
  }

  @Override
  public double leastCacheRatio(int lengthIndex, int candidate) {
    return cache.leastRatio(lengthIndex, candidate);
  }

  @Override
  public boolean cacheAddsUp() {
    return cache.addsUp();
  }

  @Override
  public double readRatio(int lengthIndex, int[] candidateOfHead) {
    return reads.ratio(lengthIndex, candidateOfHead);
  }

  @Override
  public double leastReadRatio(int lengthIndex, int candidate) {
    return reads.leastRatio(lengthIndex, candidate);
  }

  @Override
  public boolean readsAddUp() {
    return cache.addsUp();
  }

  @Override
  public double denseCacheBytes(int lengthIndex) {
    return cache.denseBytes(lengthIndex);
  }

  @Override
  public double density(int lengthIndex, int candidate) {
    return density[lengthIndex][candidate];
  }

  @Override
  public boolean neverSlower(int candidate, int other) {
    for (int n = 0; n < blockTicks.length; n++) {
      if (pricer.indexMicros(n, candidate) > pricer.indexMicros(n, other)
          || !isNeverLonger(blockTicks[n][candidate], blockTicks[n][other])) {
        return false;
      }
    }
    return true;
  }

  private static boolean isNeverLonger(long[] ticks, long[] others) {
    for (int block = 0; block < ticks.length; block++) {
      if (ticks[block] > others[block]) {
        return false;
      }
    }
    return true;
  }
}
