package io.sparseplan.profiler.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.pattern.BlockTopK;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.ElasticSpan;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.safetensors.Checkpoint;
import io.sparseplan.profiler.Difference;
import io.sparseplan.profiler.ShippedModel;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.attention.AttentionTiles;
import io.sparseplan.profiler.attention.HeadPatterns;
import io.sparseplan.profiler.gpu.GpuSupport;
import io.sparseplan.profiler.gpu.GpuTest;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.llama.LlamaModel;
import io.sparseplan.profiler.llama.StoredModel;
import io.sparseplan.profiler.llama.Vocabulary;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The shipped models on the GPU, against the CPU. */
@GpuTest
final class GpuBackendTest {
  /** In bf16, with float32 sums. */
  private static final double LOGITS_BOUND = 5e-3;

  private static final int TOKENS = 1024;
  private static final int TILE = 64;

  @ParameterizedTest
  @EnumSource
  void denseLogitsAreThoseOfTheCpu(ShippedModel shipped) {
    assertThat(logitDifference(shipped, new Dense(), new Dense())).isLessThan(LOGITS_BOUND);
  }

  @ParameterizedTest
  @EnumSource
  void logitsOfStreamingHeadsAndDecodePatternsAreThoseOfTheCpu(ShippedModel shipped) {
    var narrow = new ElasticSpan(Tokens.of(64), Tokens.of(128), 0);
    var wide = new ElasticSpan(Tokens.of(64), Tokens.of(384), 0);
    assertThat(logitDifference(shipped, narrow, wide)).isLessThan(LOGITS_BOUND);
  }

  @ParameterizedTest
  @EnumSource
  void logitsOfSelectedTilesAreThoseOfTheCpu(ShippedModel shipped) {
    assertThat(
            logitDifference(
                shipped, new BlockTopK(Tokens.of(384), 0), new BlockTopK(Tokens.of(384), 0)))
        .isLessThan(2 * LOGITS_BOUND);
  }

  /** Every other head runs the pattern, the others are dense. */
  private static double logitDifference(ShippedModel shipped, Pattern prefill, Pattern decode) {
    try (var workers = Workers.ofAllProcessors()) {
      LlamaModel onCpu = shipped.load(workers);
      int[] text = shipped.referenceIds();
      int[] ids = IntStream.range(0, TOKENS).map(token -> text[token % text.length]).toArray();
      TileGrid grid = ShippedModel.grid(ids.length, TILE);
      var heads = new ArrayList<HeadPatterns>();
      for (int head = 0; head < onCpu.geometry().attention().queryHeads().count(); head++) {
        heads.add(
            head % 2 == 0 ? new HeadPatterns(prefill, decode) : HeadPatterns.both(new Dense()));
      }
      AttentionTiles tiles = AttentionTiles.everyLayer(heads, grid);
      var decodeRows = new BitSet();
      decodeRows.set(ids.length - 70, ids.length - 3);
      Activations want = new CpuBackend(onCpu).forward(ids, tiles, decodeRows);
      StoredModel stored =
          StoredModel.open(
              onCpu.geometry(), Checkpoint.open(shipped.checkpointDirectory()), workers);
      try (Backend gpu = GpuBackend.open(GpuSupport.required(), stored, workers)) {
        Activations got = gpu.forward(ids, tiles, decodeRows);
        Vocabulary vocabulary = onCpu.vocabulary();
        return Difference.relative(logits(vocabulary, got), logits(vocabulary, want));
      }
    }
  }

  private static float[] logits(Vocabulary vocabulary, Activations states) {
    Vocabulary.Logits block = vocabulary.logits();
    float[] all = new float[states.tokens() * vocabulary.size()];
    for (int from = 0; from < states.tokens(); from += Vocabulary.BLOCK) {
      int end = Math.min(from + Vocabulary.BLOCK, states.tokens());
      Activations rows = block.of(states, from, end);
      for (int token = from; token < end; token++) {
        System.arraycopy(
            rows.data(), rows.at(token - from), all, token * vocabulary.size(), vocabulary.size());
      }
    }
    return all;
  }
}
