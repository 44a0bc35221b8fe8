package io.sparseplan.cli;

import io.sparseplan.plans.profile.Profile;
import io.sparseplan.plans.profile.ProfileBasis;
import io.sparseplan.plans.profile.ProfileJournal;
import io.sparseplan.plans.profile.ProfileMerge;
import io.sparseplan.profiler.ModelDirectory;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.prompt.Prompt;
import io.sparseplan.profiler.statistics.CandidateSet;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sparseplan profile}. */
@Command(
    name = "profile",
    description = {
      "Runs prompts through a model and scores every candidate for every head. A run that was",
      "stopped goes on where it was when it is given again. Or merges profiles."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class ProfileCommand implements Callable<Integer> {
  private static final Set<String> OPTIONS_OF_MERGE =
      Set.of("--merge", "--output", "--threads", "--quiet");

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "MODEL", arity = "0..1", description = ModelParameter.DESCRIPTION)
  private Optional<Path> model = Optional.empty();

  @Option(
      names = "--merge",
      paramLabel = "PROFILE",
      arity = "2..*",
      description =
          "Instead of running a model, join profiles of it on several sets of prompts: the result"
              + " is that of one run over all of them.")
  private List<Path> merged = List.of();

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
    if (model.isPresent() == !merged.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(),
          "Give a MODEL to profile, or profiles to --merge, and not both.\nMaybe see --help.");
    }
    if (model.isPresent()) {
      run(ModelDirectory.open(model.get()));
    } else {
      merge();
    }
    return ExitCode.GOOD;
  }

  private void run(ModelDirectory directory) throws IOException {
    CandidateSet scored = candidates.scored();
    List<Prompt> chosen = prompts.choose(directory).chosen();
    try (Workers workers = work.workers()) {
      ModelDirectory.Loaded loaded = directory.load(workers);
      ProfileBasis basis = Stages.basis(loaded, scored, prompts.objective());
      try (ProfileJournal journal = Stages.journal(output, basis, chosen)) {
        int before = journal.count();
        Profile profile = Stages.profile(loaded, basis, chosen, journal, work);
        journal.finish(profile);
        say("Profiled", profile);
        if (before > 0) {
          out().printf("Resumed  %d of them had been finished before.%n", before);
        }
      }
    }
    out().printf("Profile  %s%n", output);
    out().flush();
  }

  private void merge() throws IOException {
    requireOnly(OPTIONS_OF_MERGE, "--merge");
    Profile profile = ProfileMerge.ofFiles(merged, work.run().get());
    profile.write(output);
    say("Merged", profile);
    out().printf("Profile  %s%n", output);
    out().flush();
  }

  /** An option that would do nothing is a mistake of somebody. */
  private void requireOnly(Set<String> options, String beside) {
    for (OptionSpec given : spec.commandLine().getParseResult().matchedOptions()) {
      if (!options.contains(given.longestName())) {
        throw new ParameterException(
            spec.commandLine(),
            "%s does nothing with %s.\nMaybe leave it out.".formatted(given.longestName(), beside));
      }
    }
  }

  private void say(String done, Profile profile) {
    out()
        .printf(
            "%s %d candidates on %d heads with %d prompts.%n",
            done,
            profile.candidates().size(),
            profile.model().headCount(),
            profile.prompts().size());
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }
}
