package io.sparseplan.cli;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.AtomicFile;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.format.Exported;
import io.sparseplan.plans.format.Format;
import io.sparseplan.plans.format.Formats;
import io.sparseplan.plans.format.HeadScores;
import io.sparseplan.plans.format.KernelFormat;
import io.sparseplan.plans.format.PlanFormat;
import io.sparseplan.plans.format.ScoresFormat;
import io.sparseplan.plans.format.VideoFormat;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.plan.HeadCsv;
import io.sparseplan.plans.plan.HeadPlan;
import io.sparseplan.plans.plan.Vouched;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** {@code sparseplan export}. */
@Command(
    name = "export",
    description = {
      "Writes a plan as CSV, one row a head, or in the format of a peer's runtime.",
      "sparseplan show formats lists them; docs/formats.md says what each loses."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class ExportCommand implements Callable<Integer> {
  private static final String CSV = "csv";

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "PLAN", description = "The plan.json, or the file of imported scores.")
  private Path planFile;

  @Option(
      names = "--to",
      paramLabel = "NAME",
      defaultValue = CSV,
      description = "The format (default: ${DEFAULT-VALUE}).")
  private String to;

  @Option(
      names = "--length",
      paramLabel = "N",
      description = "The tokens of a prompt, for the formats of kernels.")
  private Optional<Tokens> length = Optional.empty();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description =
          "Where to write; a directory for a format of several files (default for CSV: standard"
              + " output).")
  private Optional<Path> output = Optional.empty();

  @Override
  public Integer call() throws IOException {
    if (to.equals(CSV)) {
      var text = new StringBuilder();
      HeadCsv.write(HeadPlan.read(planFile), text);
      TextOutput.write(text.toString(), output, spec.commandLine().getOut());
      return ExitCode.GOOD;
    }
    Format format = Formats.named(to);
    Path target = output.orElseThrow(() -> usage("-o is needed: the format is not for a screen."));
    if (length.isPresent() && !(format instanceof KernelFormat)) {
      throw usage("--length is for the formats of kernels; %s is for all lengths.".formatted(to));
    }
    Exported exported = export(format);
    write(exported.files(), target);
    PrintWriter err = spec.commandLine().getErr();
    exported.losses().forEach(loss -> err.println("Lost        " + loss));
    err.flush();
    PrintWriter out = spec.commandLine().getOut();
    out.printf("Exported    %s as %s%n", target, to);
    out.flush();
    return ExitCode.GOOD;
  }

  private Exported export(Format format) {
    JsonNode root = JsonFile.read(planFile, JsonNode.class, "plan");
    if (root.has("scores")) {
      if (format instanceof ScoresFormat scores) {
        return scores.write(HeadScores.read(planFile));
      }
      throw new BadInputException(
          "The file (%s) holds scores; the format %s is of plans.".formatted(planFile, to),
          "make a plan of them first: import %s --from scores --sparsity 0.5.".formatted(planFile));
    }
    HeadPlan plan = HeadPlan.read(planFile);
    return switch (format) {
      case PlanFormat plans -> atAllLengths(plans.write(plan), plan);
      case VideoFormat videos -> videos.write(plan);
      case KernelFormat kernel ->
          kernel.write(
              plan,
              length.orElseThrow(
                  () -> usage("--length is needed: the format is for prompts of one length.")));
      case ScoresFormat scores ->
          throw new BadInputException(
              "The format %s is of scores, which a plan does not have.".formatted(scores.name()),
              "export to duo-attention, which can hold decisions.");
    };
  }

  /** What a file for all lengths cannot say of some. */
  private static Exported atAllLengths(Exported exported, HeadPlan plan) {
    Stream<String> vouched =
        plan
            .vouched()
            .flatMap(Vouched::longestSparse)
            .map(
                longest ->
                    "The plan is dense on prompts of more than %s tokens; the file runs its patterns on all."
                        .formatted(longest))
            .stream();
    return new Exported(
        exported.files(), Stream.concat(exported.losses().stream(), vouched).toList());
  }

  private static void write(Map<String, byte[]> files, Path target) throws IOException {
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      Path path = files.size() == 1 ? target : target.resolve(file.getKey());
      AtomicFile.write(path, out -> out.write(file.getValue()));
    }
  }

  private ParameterException usage(String problem) {
    return new ParameterException(
        spec.commandLine(), problem + "\nMaybe see sparseplan export --help.");
  }
}
