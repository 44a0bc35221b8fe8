package io.sparseplan.cli;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.evaluation.Evaluation;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.profiler.ModelDirectory;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.evaluate.Evaluator;
import io.sparseplan.profiler.prompt.Prompt;
import io.sparseplan.profiler.prompt.PromptChoice;
import io.sparseplan.profiler.prompt.PromptFile;
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
import picocli.CommandLine.ParameterException;
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

  @Option(
      names = "--prompts",
      paramLabel = "FILE",
      description =
          "Prompts, one JSON object a line, perhaps packed as .gz (default:"
              + " MODEL/prompts-calibration.jsonl or .jsonl.gz).")
  private Optional<Path> promptFile = Optional.empty();

  @Option(
      names = "--lengths",
      paramLabel = "N",
      split = ",",
      description = "Use only prompts of these lengths in tokens (default: all).")
  private List<Tokens> lengths = List.of();

  @Option(
      names = "--skip-per-length",
      paramLabel = "K",
      defaultValue = "0",
      description =
          "Leave out the first K prompts of each length, those that a profile was made from"
              + " (default: ${DEFAULT-VALUE}).")
  private int skipPerLength;

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
    Optional<Plan> plan = planFile.map(Plan::read);
    List<Prompt> prompts = chosenPrompts(directory);
    try (Workers workers = work.workers()) {
      var evaluator = new Evaluator(directory.load(workers), plan);
      Evaluation evaluation =
          work.progress()
              .during("evaluate", progress -> evaluator.evaluate(prompts, progress, work.run()));
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

  private List<Prompt> chosenPrompts(ModelDirectory directory) {
    if (skipPerLength < 0) {
      throw new ParameterException(
          spec.commandLine(),
          "--skip-per-length (%d) must not be negative.\nMaybe leave it out."
              .formatted(skipPerLength));
    }
    List<Prompt> all =
        PromptFile.read(
            promptFile.orElse(directory.defaultPrompts()),
            directory.checkpoint(),
            directory.geometry());
    List<Tokens> wanted =
        lengths.isEmpty()
            ? all.stream().map(Prompt::length).distinct().sorted().toList()
            : lengths.stream().distinct().sorted().toList();
    PromptChoice choice = PromptChoice.firstOfEachLength(all, wanted, skipPerLength);
    if (choice.heldOut().isEmpty()) {
      throw new BadInputException(
          "No prompt is left after skipping the first %d of each length.".formatted(skipPerLength),
          "skip fewer, or name a file with more prompts.");
    }
    PromptOptions.requireFit(choice.heldOut(), directory);
    return choice.heldOut();
  }
}
