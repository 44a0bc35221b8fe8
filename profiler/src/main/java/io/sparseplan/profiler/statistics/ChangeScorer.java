package io.sparseplan.profiler.statistics;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.TileLists;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.attention.AttentionTiles;
import io.sparseplan.profiler.attention.TileSelector;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.llama.ForwardObserver.LayerAttention;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Scores every candidate for every head of a layer that ran sparse, against what it ran. Dense is a
 * candidate like any other here: it too changes what the head hands on.
 */
final class ChangeScorer {
  private final CandidateLists candidates;
  private final AttentionTiles ran;
  private final AttentionShape shape;
  private final Workers workers;

  /**
   * A scorer for the layers of one prompt.
   *
   * @param ran what every head of the model ran
   * @throws BadInputException if a candidate is a rule of decoding
   */
  ChangeScorer(
      List<Pattern> candidates, AttentionTiles ran, AttentionShape shape, Workers workers) {
    StepScorer.requireNone(candidates, "changes of a plan are measured on rows of prompts");
    this.candidates = new CandidateLists(candidates, ran.grid());
    if (this.candidates.anyPermuted()) {
      throw new BadInputException(
          "What a change of a sparse plan does is not told of patterns that lay tokens out anew, and the profile has some.",
          "leave --refine out, or such patterns with --family.");
    }
    this.ran = ran;
    this.shape = shape;
    this.workers = workers;
  }

  /**
   * @param layer a layer as it ran
   * @param outputGradient ∂L/∂O, {@code [token][head · headDim]}
   * @return the changes of each query head
   */
  List<HeadChanges> score(LayerAttention layer, Activations outputGradient) {
    List<List<KeyTileSets>> setsOfHead = setsOfHead(layer);
    UnitSums[][] units =
        new LayerUnits(ran.grid(), shape, workers).score(layer, outputGradient, setsOfHead);
    var changes = new ArrayList<HeadChanges>();
    for (int head = 0; head < units.length; head++) {
      changes.add(changes(setsOfHead.get(head), units[head]));
    }
    return changes;
  }

  private List<List<KeyTileSets>> setsOfHead(LayerAttention layer) {
    var setsOfHead = new ArrayList<List<KeyTileSets>>();
    var selectors = new TileSelector[workers.count()];
    Arrays.setAll(selectors, worker -> new TileSelector(layer.keyValues(), layer.rotary()));
    int heads = shape.queryHeads().count();
    IntStream.range(0, heads).forEach(head -> setsOfHead.add(List.of()));
    workers.forEach(
        heads,
        (head, worker) -> {
          selectors[worker].load(layer.q(), head);
          List<KeyTileSets> sets = candidates.ofHead(selectors[worker]).sets();
          TileLists tiles = ran.of(layer.layer(), head, selectors[worker]).prefill();
          setsOfHead.set(
              head,
              IntStream.range(0, sets.size())
                  .mapToObj(queryTile -> sets.get(queryTile).against(tiles, queryTile))
                  .toList());
        });
    return setsOfHead;
  }

  private HeadChanges changes(List<KeyTileSets> sets, UnitSums[] units) {
    double[] signed = new double[candidates.count()];
    double[] squared = new double[signed.length];
    for (int queryTile = 0; queryTile < units.length; queryTile++) {
      for (int candidate = 0; candidate < signed.length; candidate++) {
        int set = sets.get(queryTile).setOf(candidate);
        signed[candidate] += units[queryTile].signedChange[set];
        squared[candidate] += units[queryTile].squaredChange[set];
      }
    }
    return new HeadChanges(signed, squared);
  }
}
