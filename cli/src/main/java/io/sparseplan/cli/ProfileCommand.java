package io.sparseplan.cli;

import io.sparseplan.plans.file.Tool;
import io.sparseplan.plans.geometry.Extents;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.TokenLayout;
import io.sparseplan.plans.profile.Arithmetic;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.plans.profile.ProfileBasis;
import io.sparseplan.plans.profile.ProfileJournal;
import io.sparseplan.plans.profile.ProfileMerge;
import io.sparseplan.plans.profile.PromptSet;
import io.sparseplan.profiler.ModelDirectory;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.capture.CaptureDirectory;
import io.sparseplan.profiler.capture.CaptureDirectory.CapturedSample;
import io.sparseplan.profiler.gpu.Gpu;
import io.sparseplan.profiler.prompt.Prompt;
import io.sparseplan.profiler.statistics.CandidateSet;
import io.sparseplan.profiler.statistics.CaptureProfiler;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
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
      "Runs prompts through a model and scores every candidate for every head.",
      "Or does so with queries, keys and values that were captured elsewhere, or merges profiles. A"
          + " run that was stopped goes on where it was when it is given again."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class ProfileCommand implements Callable<Integer> {
  private static final Set<String> OPTIONS_OF_MERGE =
      Set.of("--merge", "--output", "--threads", "--quiet");

  private static final Set<String> OPTIONS_OF_CAPTURE =
      Set.of(
          "--capture", "--block", "--candidates", "--family", "--output", "--threads", "--quiet");

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "MODEL", arity = "0..1", description = ModelParameter.DESCRIPTION)
  private Optional<Path> model = Optional.empty();

  @Option(
      names = "--capture",
      paramLabel = "DIR",
      description =
          "Instead of running a model, score queries, keys and values that were captured from one"
              + " (docs/capture.md).")
  private Optional<Path> captured = Optional.empty();

  @Option(
      names = "--block",
      paramLabel = "FxHxW",
      description =
          "Of a captured video, the frames, rows and columns that are laid out together before the"
              + " tokens are cut into tiles (default: 2x8x8, or as much of it as the video has).")
  private Optional<Extents> block = Optional.empty();

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
  @Mixin private BackendOption backends;
  @Mixin private WorkOptions work;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      defaultValue = "model.profile",
      description = "Where to write the profile (default: ${DEFAULT-VALUE}).")
  private Path output;

  @Override
  public Integer call() throws IOException {
    long sources =
        Stream.of(model.isPresent(), captured.isPresent(), !merged.isEmpty())
            .filter(given -> given)
            .count();
    if (sources != 1) {
      throw new ParameterException(
          spec.commandLine(),
          "Give a MODEL to profile, a --capture, or profiles to --merge: one of them.\nMaybe see"
              + " --help.");
    }
    if (model.isPresent()) {
      if (block.isPresent()) {
        throw new ParameterException(
            spec.commandLine(), "--block is of a captured video.\nMaybe leave it out.");
      }
      run(ModelDirectory.open(model.get()));
    } else if (captured.isPresent()) {
      requireOnly(OPTIONS_OF_CAPTURE, "--capture");
      run(CaptureDirectory.open(captured.get()));
    } else {
      merge();
    }
    return ExitCode.GOOD;
  }

  private void run(CaptureDirectory capture) throws IOException {
    TokenLayout layout = capture.layout(TileSize.DEFAULT, block);
    var basis =
        new ProfileBasis(
            Tool.THIS,
            capture.identity(),
            Arithmetic.FLOAT32,
            layout,
            capture.objective(),
            candidates.scored(layout).candidates());
    PromptSet samples =
        PromptSet.of(capture.samples().stream().map(CapturedSample::member).toList());
    try (Workers workers = work.workers();
        ProfileJournal journal = ProfileJournal.open(output, basis, samples)) {
      int before = journal.count();
      var profiler = new CaptureProfiler(capture, basis, workers);
      Profile profile =
          work.progress()
              .during("profile", progress -> profiler.profile(journal, progress, work.run()));
      journal.finish(profile);
      say("Profiled", profile, before);
    }
  }

  private void run(ModelDirectory directory) throws IOException {
    CandidateSet scored = candidates.scored();
    List<Prompt> chosen = prompts.choose(directory).chosen();
    Optional<Gpu> gpu = backends.gpu();
    try (Workers workers = work.workers()) {
      PlacedModel placed = PlacedModel.of(gpu, directory.openWeights(), workers);
      ProfileBasis basis = Stages.basis(placed, scored, prompts.objective());
      try (ProfileJournal journal = Stages.journal(output, basis, chosen)) {
        int before = journal.count();
        Profile profile = Stages.profile(placed, basis, chosen, journal, work);
        journal.finish(profile);
        say("Profiled", profile, before);
      }
    }
  }

  private void merge() throws IOException {
    requireOnly(OPTIONS_OF_MERGE, "--merge");
    Profile profile = ProfileMerge.ofFiles(merged, work.run().get());
    profile.write(output);
    say("Merged", profile, 0);
  }

  /** An option that would do nothing is a mistake of somebody. */
  private void requireOnly(Set<String> options, String beside) {
    for (OptionSpec given : spec.commandLine().getParseResult().matchedOptions()) {
      if (!given.inherited() && !options.contains(given.longestName())) {
        throw new ParameterException(
            spec.commandLine(),
            "%s does nothing with %s.\nMaybe leave it out.".formatted(given.longestName(), beside));
      }
    }
  }

  /**
   * @param before how many prompts an earlier run had finished
   */
  private void say(String done, Profile profile, int before) {
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        "%s %d candidates on %d heads with %d prompts.%n",
        done, profile.candidates().size(), profile.model().headCount(), profile.prompts().size());
    if (before > 0) {
      out.printf("Resumed  %d of them had been finished before.%n", before);
    }
    out.printf("Profile  %s%n", output);
    out.flush();
  }
}
