package io.sparseplan.cli;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.Sha256;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.profile.Objective;
import io.sparseplan.profiler.ModelDirectory;
import io.sparseplan.profiler.prompt.Prompt;
import io.sparseplan.profiler.prompt.PromptChoice;
import io.sparseplan.profiler.prompt.PromptFile;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which prompts to calibrate on, and for which loss. */
final class PromptOptions {
  private static final List<Integer> DEFAULT_LENGTHS = List.of(1024, 2048, 4096);

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--prompts",
      paramLabel = "FILE",
      description =
          "Prompts, one JSON object a line, perhaps packed as .gz (default:"
              + " MODEL/prompts-calibration.jsonl or .jsonl.gz).")
  private Optional<Path> prompts = Optional.empty();

  @Option(
      names = "--lengths",
      paramLabel = "N",
      split = ",",
      description =
          "Use prompts of exactly these lengths in tokens (default: those of 1024,2048,4096 that"
              + " the file has, else all of its lengths).")
  private List<Tokens> lengths = List.of();

  @Option(
      names = "--limit-per-length",
      paramLabel = "K",
      defaultValue = "4",
      description = "Use the first K prompts of each length (default: ${DEFAULT-VALUE}).")
  private int limitPerLength;

  @Option(
      names = "--skip-per-length",
      paramLabel = "K",
      defaultValue = "0",
      description =
          "Leave out the first K prompts of each length before that (default: ${DEFAULT-VALUE}).")
  private int skipPerLength;

  @Option(
      names = "--objective",
      paramLabel = "L",
      defaultValue = "kl",
      description =
          "Loss whose gradients are taken: kl, the divergence from dense, on all tokens;"
              + " guarded_kl, the same, and on marked answers the log-odds against the right token;"
              + " or, on answer tokens where prompts mark them, else on all, margin, those log-odds;"
              + " ce, the cross-entropy; temp, the cross-entropy of logits ÷ 4"
              + " (default: ${DEFAULT-VALUE}).")
  private Objective objective;

  /** The loss whose gradients are taken. */
  Objective objective() {
    if (objective == Objective.NONE) {
      throw new ParameterException(
          command.commandLine(),
          "--objective none is for captures without gradients.\nMaybe leave it out.");
    }
    return objective;
  }

  /**
   * @throws BadInputException if the file is missing or malformed, a length has no prompt, a prompt
   *     exceeds the model's context, or two are the same
   */
  PromptChoice choose(ModelDirectory model) {
    if (limitPerLength < 1) {
      throw new ParameterException(
          command.commandLine(),
          "--limit-per-length (%d) must be positive.\nMaybe give 4.".formatted(limitPerLength));
    }
    if (skipPerLength < 0) {
      throw new ParameterException(
          command.commandLine(),
          "--skip-per-length (%d) must not be negative.\nMaybe leave it out."
              .formatted(skipPerLength));
    }
    Path file = prompts.orElse(model.defaultPrompts());
    List<Prompt> all = PromptFile.read(file, model.checkpoint(), model.geometry());
    PromptChoice choice =
        PromptChoice.ofEachLength(all, wantedLengths(all), skipPerLength, limitPerLength);
    requireEachLength(choice, wantedLengths(all));
    requireFit(choice.chosen(), model);
    requireDistinct(choice.chosen());
    return choice;
  }

  /** A profile holds one record a prompt. */
  private static void requireDistinct(List<Prompt> prompts) {
    var lineOf = new HashMap<Sha256, Integer>();
    for (Prompt prompt : prompts) {
      Integer before = lineOf.putIfAbsent(prompt.hash(), prompt.line());
      if (before != null) {
        throw new BadInputException(
            "The prompts on lines %d and %d are the same.".formatted(before, prompt.line()),
            "delete one of them.");
      }
    }
  }

  private void requireEachLength(PromptChoice choice, List<Tokens> wanted) {
    for (Tokens length : wanted) {
      if (choice.chosen().stream().noneMatch(prompt -> prompt.length().equals(length))) {
        throw new BadInputException(
            "No prompt of %s tokens is left after skipping the first %d."
                .formatted(length, skipPerLength),
            "skip fewer, or name a file with more prompts.");
      }
    }
  }

  private List<Tokens> wantedLengths(List<Prompt> all) {
    if (!lengths.isEmpty()) {
      return lengths.stream().distinct().sorted().toList();
    }
    List<Tokens> present = all.stream().map(Prompt::length).distinct().sorted().toList();
    List<Tokens> usual =
        present.stream().filter(length -> DEFAULT_LENGTHS.contains(length.count())).toList();
    return usual.isEmpty() ? present : usual;
  }

  /**
   * @throws BadInputException naming the first prompt that exceeds the context
   */
  static void requireFit(List<Prompt> prompts, ModelDirectory model) {
    int context = model.geometry().context().count();
    for (Prompt prompt : prompts) {
      if (prompt.ids().length > context) {
        throw new BadInputException(
            "The prompt on line %d has %d tokens; the context of the model (%s) is %d."
                .formatted(prompt.line(), prompt.ids().length, model.root(), context),
            "leave longer prompts out with --lengths.");
      }
    }
  }
}
