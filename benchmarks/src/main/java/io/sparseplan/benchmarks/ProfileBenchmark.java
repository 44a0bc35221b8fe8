package io.sparseplan.benchmarks;

import io.sparseplan.plans.file.Run;
import io.sparseplan.plans.file.Tool;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.profile.FinishedPrompts;
import io.sparseplan.plans.profile.InductionScores;
import io.sparseplan.plans.profile.Objective;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.plans.profile.ProfileBasis;
import io.sparseplan.profiler.ModelDirectory;
import io.sparseplan.profiler.Progress;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.attention.AttentionTiles;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.llama.ForwardObserver;
import io.sparseplan.profiler.llama.LlamaModel;
import io.sparseplan.profiler.prompt.AnswerSpan;
import io.sparseplan.profiler.prompt.Prompt;
import io.sparseplan.profiler.prompt.PromptFile;
import io.sparseplan.profiler.statistics.CandidateSet;
import io.sparseplan.profiler.statistics.ModelProfiler;
import io.sparseplan.profiler.traits.InductionProbe;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Profiling one prompt on llama-16m with every statistic and the standard candidates, beside its
 * plain forward pass, and the probe that a model has once; on all cores.
 *
 * <p>Run from the project's root: {@code bin/benchmark ProfileBenchmark}
 *
 * <p>Each fork has 2 GiB of heap; {@code -p tokens=8192} shows that it is enough. The prompt is as
 * many tokens of the calibration prompts of 4,096 tokens, one after the other, with their answers.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(
    value = 2,
    jvmArgsAppend = {
      "-Xmx2g",
      "--add-modules",
      "jdk.incubator.vector",
      "--enable-native-access=ALL-UNNAMED"
    })
@Warmup(iterations = 2)
@Measurement(iterations = 5)
public class ProfileBenchmark {
  private static final Tokens LONG = Tokens.of(4096);
  private static final Run RUN = new Run("", "", 1, 0, "");

  @Param("4096")
  int tokens;

  private Workers workers;
  private LlamaModel model;
  private Prompt prompt;
  private ModelProfiler profiler;

  @Setup(Level.Trial)
  public void load() {
    workers = Workers.ofAllProcessors();
    ModelDirectory directory = ModelDirectory.open(Path.of("models", "llama-16m"));
    ModelDirectory.Loaded loaded = directory.load(workers);
    model = loaded.model();
    prompt = prompt(directory);
    profiler =
        new ModelProfiler(
            model,
            new ProfileBasis(
                Tool.THIS,
                loaded.identity(),
                TileSize.DEFAULT,
                Objective.KL,
                CandidateSet.standard().candidates()));
  }

  private Prompt prompt(ModelDirectory directory) {
    int[] ids = new int[tokens];
    var answers = new ArrayList<AnswerSpan>();
    int end = 0;
    for (Prompt part :
        PromptFile.read(directory.defaultPrompts(), directory.checkpoint(), directory.geometry())) {
      if (part.length().equals(LONG) && end < tokens) {
        int first = end;
        end = Math.min(tokens, first + part.ids().length);
        System.arraycopy(part.ids(), 0, ids, first, end - first);
        for (AnswerSpan answer : part.answers()) {
          if (first + answer.endToken() <= end) {
            answers.add(new AnswerSpan(first + answer.firstToken(), first + answer.endToken()));
          }
        }
      }
    }
    if (end < tokens) {
      throw new IllegalArgumentException(
          "The calibration prompts of %s tokens are %d tokens; %d are wanted."
              .formatted(LONG, end, tokens));
    }
    return new Prompt(1, ids, answers);
  }

  @TearDown(Level.Trial)
  public void stop() {
    workers.close();
  }

  /** The yardstick: a dense forward pass without the output layer. */
  @Benchmark
  public Activations forward() {
    AttentionTiles dense =
        AttentionTiles.dense(TileGrid.causal(Tokens.of(tokens), TileSize.DEFAULT));
    return model.forward(prompt.ids(), dense, new BitSet(), ForwardObserver.NONE);
  }

  /** One prompt, and the induction probe. */
  @Benchmark
  public Profile profile() {
    return profiler.profile(List.of(prompt), FinishedPrompts.NONE, Progress.NONE, () -> RUN);
  }

  /** What a model has once, however many prompts there are. */
  @Benchmark
  public InductionScores inductionProbe() {
    return InductionProbe.scores(model, TileSize.DEFAULT);
  }
}
