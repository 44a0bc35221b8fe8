package io.sparseplan.cli;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.profiler.ModelDirectory;
import io.sparseplan.profiler.prompt.Prompt;
import io.sparseplan.profiler.prompt.PromptChoice;
import io.sparseplan.profiler.prompt.PromptFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which prompts plans are judged on. */
final class JudgingOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--prompts",
      paramLabel = "FILE",
      description =
          "Prompts, one JSON object a line, perhaps packed as .gz (default:"
              + " MODEL/prompts-calibration.jsonl or .jsonl.gz).")
  private Optional<Path> file = Optional.empty();

  @Option(
      names = "--skip-per-length",
      paramLabel = "K",
      defaultValue = "0",
      description =
          "Leave out the first K prompts of each length, those that a profile was made from"
              + " (default: ${DEFAULT-VALUE}).")
  private int skipPerLength;

  @Option(
      names = "--limit-per-length",
      paramLabel = "K",
      description = "Of those, use the first K of each length (default: all).")
  private Optional<Integer> limitPerLength = Optional.empty();

  /**
   * @param lengths which to use; all if none is named
   * @throws BadInputException if a length has no prompt, none is left, or one exceeds the context
   */
  List<Prompt> choose(ModelDirectory model, List<Tokens> lengths) {
    if (skipPerLength < 0) {
      throw usage(
          "--skip-per-length (%d) must not be negative.\nMaybe leave it out."
              .formatted(skipPerLength));
    }
    if (limitPerLength.isPresent() && limitPerLength.get() < 1) {
      throw usage(
          "--limit-per-length (%d) must be positive.\nMaybe leave it out."
              .formatted(limitPerLength.get()));
    }
    List<Prompt> all =
        PromptFile.read(file.orElse(model.defaultPrompts()), model.checkpoint(), model.geometry());
    List<Tokens> wanted =
        lengths.isEmpty()
            ? all.stream().map(Prompt::length).distinct().sorted().toList()
            : lengths.stream().distinct().sorted().toList();
    List<Prompt> chosen =
        PromptChoice.ofEachLength(
                all, wanted, skipPerLength, limitPerLength.orElse(Integer.MAX_VALUE))
            .chosen();
    if (chosen.isEmpty()) {
      throw new BadInputException(
          "No prompt is left after skipping the first %d of each length.".formatted(skipPerLength),
          "skip fewer, or name a file with more prompts.");
    }
    PromptOptions.requireFit(chosen, model);
    return chosen;
  }

  private ParameterException usage(String message) {
    return new ParameterException(command.commandLine(), message);
  }
}
