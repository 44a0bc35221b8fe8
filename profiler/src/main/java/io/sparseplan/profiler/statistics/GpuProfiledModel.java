package io.sparseplan.profiler.statistics;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.model.ModelGeometry;
import io.sparseplan.plans.profile.Objective;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.attention.AttentionBlocks;
import io.sparseplan.profiler.gpu.Gpu;
import io.sparseplan.profiler.gpu.GpuDensePass;
import io.sparseplan.profiler.gpu.GpuModel;
import io.sparseplan.profiler.gpu.GpuSession;
import io.sparseplan.profiler.gpu.GpuVocabulary;
import io.sparseplan.profiler.gpu.SetProgram;
import io.sparseplan.profiler.gpu.SetScores;
import io.sparseplan.profiler.gpu.SpanProgram;
import io.sparseplan.profiler.gpu.SpanScores;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.llama.ForwardObserver;
import io.sparseplan.profiler.llama.StoredModel;
import io.sparseplan.profiler.objective.LossGradient;
import io.sparseplan.profiler.objective.LossTargets;
import io.sparseplan.profiler.prompt.Prompt;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * On a GPU, in bf16 with float32 sums: the ways forward and back, the loss, the mass and the
 * influence of tiles, sums that rules and traits read, and what every candidate keeps and changes.
 * The rules themselves, what traits read of single queries, and sums over rows are the CPU's own.
 */
public final class GpuProfiledModel extends ProfiledModel {
  private final GpuSession session;
  private final StoredModel stored;
  private final GpuModel model;
  private final GpuVocabulary vocabulary;
  private final Workers workers;

  private GpuProfiledModel(GpuSession session, StoredModel stored, Workers workers) {
    this.session = session;
    this.stored = stored;
    this.vocabulary = new GpuVocabulary(session, stored, workers);
    this.model = new GpuModel(session, stored, workers);
    this.workers = workers;
  }

  /**
   * @throws BadInputException if the GPU cannot be used now, or its memory is too small
   */
  public static GpuProfiledModel open(Gpu gpu, StoredModel model, Workers workers) {
    return new GpuProfiledModel(GpuSession.open(gpu), model, workers);
  }

  @Override
  ModelGeometry geometry() {
    return stored.geometry();
  }

  @Override
  Workers workers() {
    return workers;
  }

  @Override
  LossGradient loss(Prompt prompt, Objective objective, Activations states) {
    return vocabulary.lossGradient(LossTargets.of(prompt, objective), states);
  }

  /** States with their gradient, embeddings, and a layer's heads twice; no weights. */
  @Override
  void requireHeap(int tokens) {
    AttentionShape shape = geometry().attention();
    long rowBytes =
        (long) Float.BYTES
            * (3 * geometry().hiddenSize() + 3 * shape.queryWidth() + 5 * shape.kvWidth());
    requireHeap(tokens, 0, tokens * rowBytes);
  }

  @Override
  void observe(int[] ids, TileGrid grid, ForwardObserver observer) {
    model.observe(ids, grid, observer);
  }

  @Override
  DensePass densePass(int[] ids, TileGrid grid) {
    return new Pass(model.densePass(ids, grid), grid);
  }

  private record Pass(GpuDensePass pass, TileGrid grid) implements DensePass {
    @Override
    public Activations states() {
      return pass.states();
    }

    @Override
    public void backward(Activations stateGradient, Observer observer) {
      pass.backward(
          stateGradient,
          layer -> {
            List<AttentionBlocks> blocks = layer.blocks();
            observer.onLayer(
                layer.attention(),
                layer::outputGradient,
                blocks,
                sets -> score(layer, blocks, sets));
          });
    }

    private UnitSums[][] score(
        GpuDensePass.Layer layer, List<AttentionBlocks> blocks, List<List<KeyTileSets>> sets) {
      var units = new UnitSums[sets.size()][grid.tiles()];
      Optional<GpuDensePass.SpanScorer> spans = layer.spans();
      Optional<SpanProgram[][]> spanPrograms = spans.flatMap(scorer -> spanPrograms(sets, scorer));
      if (spanPrograms.isPresent()) {
        spans
            .orElseThrow()
            .score(
                spanPrograms.get(),
                (head, queryTile, scores) ->
                    units[head][queryTile] =
                        sums(
                            sets.get(head).get(queryTile),
                            blocks.get(head).mass()[queryTile],
                            rows(queryTile),
                            scores));
      } else {
        layer.score(
            programs(sets),
            (head, queryTile, scores) ->
                units[head][queryTile] =
                    sums(
                        sets.get(head).get(queryTile),
                        blocks.get(head).mass()[queryTile],
                        rows(queryTile),
                        scores));
      }
      return units;
    }

    private int rows(int queryTile) {
      return grid.endToken(queryTile) - grid.firstToken(queryTile);
    }

    /** Heads with the same sets share a program. Nothing if some set is no span. */
    private static Optional<SpanProgram[][]> spanPrograms(
        List<List<KeyTileSets>> setsOfHead, GpuDensePass.SpanScorer scorer) {
      Map<KeyTileSets, SpanProgram> known = new IdentityHashMap<>();
      var programs = new SpanProgram[setsOfHead.size()][];
      for (int head = 0; head < programs.length; head++) {
        List<KeyTileSets> ofHead = setsOfHead.get(head);
        programs[head] = new SpanProgram[ofHead.size()];
        for (int queryTile = 0; queryTile < programs[head].length; queryTile++) {
          KeyTileSets sets = ofHead.get(queryTile);
          if (!known.containsKey(sets)) {
            Optional<SpanProgram> program =
                SpanProgram.of(keyTiles(sets), wanted(sets), scorer.visible(queryTile));
            if (program.isEmpty()) {
              return Optional.empty();
            }
            known.put(sets, program.get());
          }
          programs[head][queryTile] = known.get(sets);
        }
      }
      return Optional.of(programs);
    }

    /** Heads with the same sets share a program. */
    private static SetProgram[][] programs(List<List<KeyTileSets>> setsOfHead) {
      Map<KeyTileSets, SetProgram> known = new IdentityHashMap<>();
      var programs = new SetProgram[setsOfHead.size()][];
      for (int head = 0; head < programs.length; head++) {
        programs[head] =
            setsOfHead.get(head).stream()
                .map(
                    sets ->
                        known.computeIfAbsent(
                            sets, unit -> SetProgram.of(keyTiles(unit), wanted(unit))))
                .toArray(SetProgram[]::new);
      }
      return programs;
    }

    private static List<int[]> keyTiles(KeyTileSets sets) {
      return IntStream.range(0, sets.count()).mapToObj(sets::keyTiles).toList();
    }

    private static int[] wanted(KeyTileSets sets) {
      return IntStream.range(0, sets.count()).filter(set -> !sets.isAsRan(set)).toArray();
    }

    private static UnitSums sums(KeyTileSets sets, double[] mass, int rows, SpanScores scores) {
      var sums = new UnitSums(sets.count(), mass.length, rows);
      sums.addRows(rows, scores.squaredNorm());
      for (int keyTile = 0; keyTile < mass.length; keyTile++) {
        sums.addMass(keyTile, mass[keyTile]);
      }
      for (int set : wanted(sets)) {
        sums.setSums(set, scores);
      }
      return sums;
    }

    private static UnitSums sums(KeyTileSets sets, double[] mass, int rows, SetScores scores) {
      var sums = new UnitSums(sets.count(), mass.length, rows);
      for (int row = 0; row < rows; row++) {
        sums.addRow(scores.squaredNorm(row));
      }
      for (int keyTile = 0; keyTile < mass.length; keyTile++) {
        sums.addMass(keyTile, mass[keyTile]);
      }
      for (int set : wanted(sets)) {
        for (int row = 0; row < rows; row++) {
          sums.addSet(
              set,
              row,
              Math.min(1, scores.kept(set, row)),
              scores.squaredError(set, row),
              scores.change(set, row));
        }
      }
      return sums;
    }

    @Override
    public void close() {
      pass.close();
    }
  }

  @Override
  public void close() {
    model.close();
    vocabulary.close();
    session.close();
  }
}
