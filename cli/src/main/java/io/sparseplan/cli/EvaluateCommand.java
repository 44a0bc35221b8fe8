package io.sparseplan.cli;

import io.sparseplan.plans.evaluation.Evaluation;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.plan.HeadPlan;
import io.sparseplan.profiler.ModelDirectory;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.evaluate.Backend;
import io.sparseplan.profiler.gpu.Gpu;
import io.sparseplan.profiler.prompt.Prompt;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code sparseplan evaluate}. */
@Command(
    name = "evaluate",
    description = {
      "Runs prompts dense and with a plan: loss, perplexity, divergence and exact answers.",
      "Without --plan, dense alone."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class EvaluateCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ModelParameter model;
  @Mixin private WorkOptions work;

  @Option(names = "--plan", paramLabel = "PLAN", description = "The plan.json to run beside dense.")
  private Optional<Path> planFile = Optional.empty();

  @Mixin private JudgingOptions judging;
  @Mixin private BackendOption backends;

  @Option(
      names = "--lengths",
      paramLabel = "N",
      split = ",",
      description = "Use only prompts of these lengths in tokens (default: all).")
  private List<Tokens> lengths = List.of();

  @Option(
      names = "--format",
      paramLabel = "F",
      defaultValue = "TABLE",
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private OutputFormat format;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "Also write the evaluation as JSON.")
  private Optional<Path> output = Optional.empty();

  @Override
  public Integer call() throws IOException {
    ModelDirectory directory = model.open();
    Optional<HeadPlan> plan = planFile.map(HeadPlan::read);
    List<Prompt> prompts = judging.choose(directory, lengths);
    plan.ifPresent(given -> tellDense(given, prompts));
    Optional<Gpu> gpu = backends.gpu();
    ModelDirectory.Opened opened = directory.openWeights();
    try (Workers workers = work.workers();
        Backend backend = PlacedModel.of(gpu, opened, workers).toJudge()) {
      Evaluation evaluation = Stages.evaluate(opened.identity(), backend, plan, prompts, work);
      PrintWriter out = spec.commandLine().getOut();
      switch (format) {
        case JSON -> out.println(JsonFile.pretty(evaluation));
        case TABLE -> out.print(EvaluationTable.of(evaluation));
      }
      out.flush();
      if (output.isPresent()) {
        evaluation.write(output.get());
      }
    }
    return ExitCode.GOOD;
  }

  /** Says on the side which prompts no pattern is measured on. */
  private void tellDense(HeadPlan plan, List<Prompt> prompts) {
    plan.vouched()
        .ifPresent(
            vouched -> {
              List<Tokens> dense =
                  prompts.stream()
                      .map(Prompt::length)
                      .filter(vouched::isDenseAt)
                      .distinct()
                      .sorted()
                      .toList();
              if (!dense.isEmpty()) {
                PrintWriter err = spec.commandLine().getErr();
                err.println(VouchedText.denseAt(dense, vouched));
                err.flush();
              }
            });
  }
}
