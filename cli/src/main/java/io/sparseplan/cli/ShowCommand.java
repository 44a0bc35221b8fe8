package io.sparseplan.cli;

import io.sparseplan.costmodel.DeviceTable;
import io.sparseplan.costmodel.decode.SplitKvTable;
import io.sparseplan.costmodel.runtime.AttentionRuntime;
import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.plan.ImportedPlanSchema;
import io.sparseplan.plans.plan.PlanSchema;
import io.sparseplan.plans.profile.FrozenCandidates;
import io.sparseplan.plans.profile.HeadSummary;
import io.sparseplan.plans.profile.HeadSummaryCsv;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.plans.profile.PromptStatistics;
import io.sparseplan.profiler.statistics.CandidateSet;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sparseplan show}. */
@Command(
    name = "show",
    description = {
      "Prints a plan with its map, the plan's JSON Schema, the shipped device tables and runtimes,"
          + " the candidates, the formats of peers, or what kind of head each head of a profile is.",
      "docs/statistics.md says what the columns of the heads mean."
    },
    mixinStandardHelpOptions = true)
final class ShowCommand implements Callable<Integer> {
  /** What can be shown. */
  enum What {
    SCHEMA,
    IMPORTED_SCHEMA,
    DEVICES,
    RUNTIMES,
    CANDIDATES,
    FORMATS,
    HEADS
  }

  /** How it is shown. */
  enum Format {
    TABLE,
    JSON,
    CSV
  }

  @Spec private CommandSpec spec;

  @Parameters(
      index = "0",
      paramLabel = "WHAT",
      description =
          "A plan.json or its report.html, or schema, imported-schema, devices, runtimes, candidates,"
              + " formats, heads.")
  private String what;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "PROFILE",
      description =
          "The profile whose heads are shown; for candidates one that gives more of them, columns"
              + " and diagonals frozen from its prompts, where those agree; for formats a directory"
              + " of peers' files, on which all importers are run.")
  private Optional<Path> profileFile = Optional.empty();

  @Option(
      names = "--length",
      paramLabel = "N",
      description = "Only prompts of that length, for heads (default: all prompts).")
  private Optional<Tokens> length = Optional.empty();

  @Option(
      names = "--format",
      defaultValue = "TABLE",
      description =
          "One of ${COMPLETION-CANDIDATES}; JSON is for candidates, the file that --candidates"
              + " reads, and for heads; CSV is for heads.")
  private Format format;

  @Mixin private CandidateOptions candidates;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    Optional<What> named =
        Stream.of(What.values())
            .filter(one -> one.name().replace('_', '-').equalsIgnoreCase(what))
            .findFirst();
    if (named.isPresent()) {
      show(named.get(), out);
    } else {
      out.print(PlanText.of(Path.of(what), Ansi.AUTO));
    }
    out.flush();
    return ExitCode.GOOD;
  }

  private void show(What named, PrintWriter out) throws IOException {
    switch (named) {
      case SCHEMA -> out.print(PlanSchema.text());
      case IMPORTED_SCHEMA -> out.print(ImportedPlanSchema.text());
      case DEVICES -> {
        for (String name : DeviceTable.shippedNames()) {
          DeviceTable table = DeviceTable.resolve(name);
          out.printf(
              "%s%s  %s, %s%s%n",
              name,
              name.equals(DeviceTable.DEFAULT) ? " (default)" : "",
              table.gpu(),
              table.kernel(),
              table
                  .notMeasured()
                  .map(scaled -> "; not measured on this GPU, scaled from " + scaled.scaledFrom())
                  .orElse(""));
        }
        for (String name : SplitKvTable.shippedNames()) {
          SplitKvTable table = SplitKvTable.shipped(name);
          out.printf("%s  %s, %s; decode steps%n", name, table.gpu(), table.kernel());
        }
      }
      case RUNTIMES -> {
        for (String name : AttentionRuntime.shippedNames()) {
          out.println(RuntimeText.of(AttentionRuntime.resolve(name)));
        }
      }
      case CANDIDATES -> showCandidates(out);
      case FORMATS -> {
        if (profileFile.isPresent()) {
          showFolder(profileFile.get(), out);
        } else {
          out.print(FormatTable.text());
        }
      }
      case HEADS -> showHeads(out);
    }
  }

  /** What all importers make of a directory of peers' files. */
  private void showFolder(Path directory, PrintWriter out) throws IOException {
    FolderOfFormats.Result result = FolderOfFormats.check(directory);
    out.print(result.table());
    out.flush();
    if (!result.failures().isEmpty()) {
      throw new BadInputException(
          "Of the files, %s were not read, or did not come out as they went in."
              .formatted(result.failures()),
          "they are damaged, or of a version that is not known here.");
    }
  }

  private void showCandidates(PrintWriter out) {
    CandidateSet standard = candidates.scored();
    CandidateSet set =
        profileFile
            .map(file -> standard.with(FrozenCandidates.of(Profile.read(file))))
            .orElse(standard);
    switch (format) {
      case TABLE -> set.candidates().stream().map(Pattern::label).forEach(out::println);
      case JSON -> out.println(JsonFile.pretty(set));
      case CSV ->
          throw new ParameterException(
              spec.commandLine(), "Candidates have no CSV.\nMaybe use --format json.");
    }
  }

  private void showHeads(PrintWriter out) throws IOException {
    if (profileFile.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "The heads are of a profile.\nMaybe run: show heads model.profile");
    }
    Profile profile = Profile.read(profileFile.get());
    List<PromptStatistics> prompts =
        length.map(profile::promptsOf).orElseGet(() -> profile.prompts());
    if (prompts.isEmpty()) {
      throw new BadInputException(
          "The profile (%s) has no prompt of %s tokens, only of %s."
              .formatted(profileFile.get(), length.get(), profile.lengths()),
          "leave out --length.");
    }
    List<HeadSummary> heads = HeadSummary.all(profile, prompts);
    switch (format) {
      case TABLE -> out.print(HeadTable.of(heads));
      case JSON -> out.println(JsonFile.pretty(heads));
      case CSV -> HeadSummaryCsv.write(heads, out);
    }
  }
}
