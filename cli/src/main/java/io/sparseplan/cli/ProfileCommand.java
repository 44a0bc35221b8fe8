package io.sparseplan.cli;

import io.sparseplan.plans.profile.Profile;
import io.sparseplan.profiler.ModelDirectory;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.prompt.PromptChoice;
import io.sparseplan.profiler.statistics.CandidateSet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code sparseplan profile}. */
@Command(
    name = "profile",
    description = "Runs prompts through a model and scores every candidate for every head.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class ProfileCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ModelParameter model;
  @Mixin private PromptOptions prompts;
  @Mixin private CandidateOptions candidates;
  @Mixin private WorkOptions work;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      defaultValue = "model.profile",
      description = "Where to write the profile (default: ${DEFAULT-VALUE}).")
  private Path output;

  @Override
  public Integer call() throws IOException {
    ModelDirectory directory = model.open();
    CandidateSet scored = candidates.scored();
    PromptChoice choice = prompts.choose(directory);
    try (Workers workers = work.workers()) {
      ModelDirectory.Loaded loaded = directory.load(workers);
      Profile profile = Stages.profile(loaded, choice.chosen(), scored, prompts.objective(), work);
      profile.write(output);
      spec.commandLine()
          .getOut()
          .printf(
              "Profiled %d candidates on %d heads with %d prompts.%nProfile  %s%n",
              profile.candidates().size(),
              profile.model().headCount(),
              profile.prompts().size(),
              output);
    }
    return ExitCode.GOOD;
  }
}
