package io.sparseplan.search.synthetic;

import io.sparseplan.costmodel.AttentionPricer;
import io.sparseplan.costmodel.DeviceTable;
import io.sparseplan.costmodel.HeadOffers;
import io.sparseplan.costmodel.StepReads;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.geometry.Visibility;
import io.sparseplan.plans.model.AttentionReach;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.model.HeadDim;
import io.sparseplan.plans.model.KvHeads;
import io.sparseplan.plans.model.LayerCount;
import io.sparseplan.plans.model.QueryHeads;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.ElasticSpan;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.plan.Goal;
import io.sparseplan.plans.plan.Layout;
import io.sparseplan.plans.plan.Workload;
import io.sparseplan.search.problem.AdditivePrices;
import io.sparseplan.search.problem.AttentionPrices;
import io.sparseplan.search.problem.ChoiceRules;
import io.sparseplan.search.problem.HeadLosses;
import io.sparseplan.search.problem.LayerCache;
import io.sparseplan.search.problem.LayerPrices;
import io.sparseplan.search.problem.ModelHeads;
import io.sparseplan.search.problem.SearchProblem;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * A model of any size whose heads lose like those of a real one: what the search is timed and
 * tested on. A pure function of its components; heads do not depend on candidates or lengths.
 *
 * @param candidates dense, then spans
 * @param lengths of the workload, each equally often
 */
public record SyntheticModel(
    ModelHeads heads, List<Pattern> candidates, List<Tokens> lengths, long seed) {
  private static final HeadDim HEAD_DIM = new HeadDim(128);
  private static final int[] SINKS = {128, 256, 512, 1024};
  private static final int[] WINDOWS = {128, 256, 384, 512, 768, 1024, 1536, 2048};
  private static final double[] SHARES = {0.0625, 0.125, 0.1875, 0.25, 0.375, 0.5, 0.625, 0.75};

  /** The most candidates that {@link #of} knows. */
  public static final int MOST_CANDIDATES = 1 + SINKS.length * (WINDOWS.length + SHARES.length);

  /** How the time of a layer comes about. */
  public enum Pricing {
    /** Launch and work of the heads, spread evenly. */
    ADDITIVE,
    /** The makespan of the thread blocks. */
    SIMULATED
  }

  public SyntheticModel {
    candidates = List.copyOf(candidates);
    lengths = List.copyOf(lengths);
  }

  /** A model with dense and so many spans less one as candidates. */
  public static SyntheticModel of(
      LayerCount layers, QueryHeads heads, int candidates, List<Tokens> lengths, long seed) {
    if (candidates < 1 || candidates > MOST_CANDIDATES) {
      throw new IllegalArgumentException(
          "The candidates (%d) must be 1..%d.".formatted(candidates, MOST_CANDIDATES));
    }
    return new SyntheticModel(
        new ModelHeads(layers, heads), patterns().subList(0, candidates), lengths, seed);
  }

  private static List<Pattern> patterns() {
    List<Pattern> patterns = new ArrayList<>();
    patterns.add(new Dense());
    for (int sink : SINKS) {
      for (int window : WINDOWS) {
        patterns.add(new ElasticSpan(Tokens.of(sink), Tokens.of(window), 0));
      }
      for (double share : SHARES) {
        patterns.add(new ElasticSpan(Tokens.of(sink), Tokens.of(0), share));
      }
    }
    return patterns;
  }

  /**
   * The loss of every candidate as {@code [length][head][candidate]}, heads in layer-major order. A
   * candidate never loses more than one with part of its tiles.
   */
  public double[][][] losses() {
    LossCurves curves = LossCurves.llama16m();
    var random = new SplittableRandom(seed);
    double[][] coefficients = curves.drawHeads(heads.layers(), heads.inLayer(), random);
    double[][][] losses = new double[lengths.size()][heads.count()][];
    for (int n = 0; n < losses.length; n++) {
      Tokens length = lengths.get(n);
      var atLength = new LossesAtLength(TileGrid.causal(length, TileSize.DEFAULT), candidates);
      for (int head = 0; head < heads.count(); head++) {
        var ofHead = new SplittableRandom((seed * 31 + head) * 31 + length.count());
        losses[n][head] = atLength.ofHead(coefficients[head], curves.residualSigma(), ofHead);
      }
    }
    return losses;
  }

  /**
   * The problem of searching this model on the default device.
   *
   * @param batch prompts in one launch
   */
  public SearchProblem problem(int batch, Pricing pricing, Goal goal, ChoiceRules rules) {
    Workload workload = Workload.prefill(batch, lengths);
    double[] weights = workload.lengths().stream().mapToDouble(Workload.Entry::weight).toArray();
    LayerPrices prices = prices(workload);
    return new SearchProblem(
        heads,
        new HeadLosses(losses(), weights),
        switch (pricing) {
          case ADDITIVE -> new AdditivePrices(prices);
          case SIMULATED -> prices;
        },
        workload,
        goal,
        rules);
  }

  private LayerPrices prices(Workload workload) {
    var layout = new Layout(Visibility.CAUSAL, TileSize.DEFAULT, Layout.LengthMeans.PROMPT);
    DeviceTable device = DeviceTable.resolve(DeviceTable.DEFAULT);
    var attention =
        new AttentionShape(heads.headsOfLayer(), new KvHeads(heads.inLayer()), HEAD_DIM);
    HeadOffers offers = HeadOffers.of(candidates);
    return new AttentionPrices(
        new AttentionPricer(device, attention, layout, workload, candidates),
        device.priceFor(HEAD_DIM, layout.tile(), layout.visibility()).shape().constants(),
        new LayerCache(attention, new AttentionReach.Everything(), layout, workload, offers),
        new StepReads(
            attention,
            new AttentionReach.Everything(),
            layout,
            workload.lengths().stream().map(Workload.Entry::length).toList(),
            IntStream.range(0, offers.count()).mapToObj(offers::pattern).toList()),
        workload,
        offers);
  }
}
