package io.sparseplan.cli;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.format.Format;
import io.sparseplan.plans.format.Formats;
import io.sparseplan.plans.format.HeadScores;
import io.sparseplan.plans.format.ImportOptions;
import io.sparseplan.plans.format.ImportedHeads;
import io.sparseplan.plans.format.KernelFormat;
import io.sparseplan.plans.format.PeerImport;
import io.sparseplan.plans.format.PeerSource;
import io.sparseplan.plans.format.PlanFormat;
import io.sparseplan.plans.format.ScorePlan;
import io.sparseplan.plans.format.ScoresFormat;
import io.sparseplan.plans.format.VideoFormat;
import io.sparseplan.plans.format.VideoTarget;
import io.sparseplan.plans.geometry.Extents;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.geometry.VideoLayout;
import io.sparseplan.plans.model.ModelDescription;
import io.sparseplan.plans.model.ModelIdentity;
import io.sparseplan.plans.plan.DenoisingSteps;
import io.sparseplan.plans.plan.DenoisingSteps.DenseFirst;
import io.sparseplan.plans.plan.DenoisingSteps.DenseLast;
import io.sparseplan.plans.plan.ImportedFrom;
import io.sparseplan.plans.plan.ImportedPlan;
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
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sparseplan import}. */
@Command(
    name = "import",
    description = {
      "Reads a peer's file into a plan, or a file of scores into scores.",
      "sparseplan show formats lists them; docs/formats.md says what each means."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class ImportCommand implements Callable<Integer> {
  /** Scores that were imported before. */
  private static final String SCORES = "scores";

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FILE", description = "The peer's file, or directory of files.")
  private Path file;

  @Option(
      names = "--from",
      required = true,
      paramLabel = "NAME",
      description = "Its format, or scores for a file of scores that was imported before.")
  private String from;

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "The model that it is for: a directory, or a config.json.")
  private Optional<Path> model = Optional.empty();

  @Option(
      names = "--sparsity",
      paramLabel = "Q",
      description = "Of scores: the share of heads that stream, lowest scores first; 0..1.")
  private Optional<Double> sparsity = Optional.empty();

  @Option(
      names = "--sink",
      paramLabel = "N",
      description = "Of scores: first tokens that streaming heads see.")
  private Optional<Tokens> sink = Optional.empty();

  @Option(
      names = "--recent",
      paramLabel = "N",
      description = "Of scores: last tokens that streaming heads see.")
  private Optional<Tokens> recent = Optional.empty();

  @Option(
      names = "--stride",
      paramLabel = "S",
      description = "XAttention: the table of that stride.")
  private Optional<Integer> stride = Optional.empty();

  @Option(
      names = "--heavy-channels",
      paramLabel = "R",
      description = "Double Sparsity: channels that tokens are scored on.")
  private Optional<Integer> heavyChannels = Optional.empty();

  @Option(
      names = "--heavy-tokens",
      paramLabel = "N",
      description = "Double Sparsity: tokens that each step reads.")
  private Optional<Tokens> heavyTokens = Optional.empty();

  @Option(
      names = "--heavy-projection",
      paramLabel = "P",
      description = "Double Sparsity: whose channels, one of ${COMPLETION-CANDIDATES}.")
  private Optional<ImportOptions.Projection> heavyProjection = Optional.empty();

  @Option(
      names = "--video",
      paramLabel = "FxHxW",
      description = "Of a video model: frames, rows and columns of tokens that the file is for.")
  private Optional<Extents> video = Optional.empty();

  @Option(
      names = "--text-tokens",
      paramLabel = "N",
      description = "Of a video model: text tokens beside the video (default: none).")
  private Optional<Tokens> textTokens = Optional.empty();

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "Of a video model: denoising steps, where the file does not say how many.")
  private Optional<Integer> steps = Optional.empty();

  @Option(
      names = "--tile",
      paramLabel = "T",
      description = "Side of a tile in tokens (default: that of the peer's kernels).")
  private Optional<Integer> tile = Optional.empty();

  @Mixin private WorkOptions work;

  @Option(
      names = {"-o", "--output"},
      required = true,
      paramLabel = "FILE",
      description = "Where to write the plan or the scores.")
  private Path output;

  @Override
  public Integer call() throws IOException {
    if (from.equals(SCORES)) {
      HeadScores scores = HeadScores.read(file);
      write(
          ScorePlan.of(scores.scores(), scores.model(), options()),
          scores.imported(),
          new ModelDescription(scores.model(), List.of()));
      return ExitCode.GOOD;
    }
    Format format = Formats.named(from);
    ModelDescription described =
        ModelDescription.of(
            model.orElseThrow(
                () ->
                    new ParameterException(
                        spec.commandLine(),
                        "--model is needed: the file does not say what it is for.\n"
                            + "Maybe give --model DIR or a config.json.")));
    PeerSource source = PeerSource.open(file, format.fileNames());
    ModelIdentity identity = described.identity();
    switch (format) {
      case PlanFormat plan
          when !(plan instanceof ScoresFormat) || decides(plan, source, identity) ->
          write(plan.read(source, identity, options()), plan.kept(source), described);
      case ScoresFormat scores when sparsity.isPresent() ->
          write(
              ScorePlan.of(scores.read(source, identity), identity, options()),
              scores.kept(source),
              described);
      case ScoresFormat scores ->
          write(
              PeerImport.scores(
                  scores.read(source, identity), scores.kept(source), described, work.run().get()));
      case PlanFormat plan -> throw new IllegalStateException(plan.name());
      case VideoFormat videos ->
          write(
              PeerImport.plan(
                  videos.read(source, target(videos, identity)),
                  videos.kept(source),
                  described,
                  work.run().get()));
      case KernelFormat kernel ->
          throw new BadInputException(
              "The format %s is for a kernel at one length; no plan can be read from it."
                  .formatted(kernel.name()),
              "import the plan that it was made from.");
    }
    return ExitCode.GOOD;
  }

  /** Whether a file of scores is a plan: the user says how many heads stream, or it does. */
  private boolean decides(PlanFormat format, PeerSource source, ModelIdentity identity) {
    return sparsity.isPresent() || format.decides(source, identity);
  }

  private ImportOptions options() {
    boolean heavy =
        heavyChannels.isPresent() || heavyTokens.isPresent() || heavyProjection.isPresent();
    if (heavy && (heavyChannels.isEmpty() || heavyTokens.isEmpty() || heavyProjection.isEmpty())) {
      throw new ParameterException(
          spec.commandLine(),
          "--heavy-channels, --heavy-tokens and --heavy-projection go together.\n"
              + "Maybe give all three.");
    }
    return new ImportOptions(
        sparsity,
        sink,
        recent,
        heavy
            ? Optional.of(
                new ImportOptions.Heavy(
                    heavyProjection.get(), heavyChannels.get(), heavyTokens.get()))
            : Optional.empty(),
        stride);
  }

  private Optional<TileSize> tileSize() {
    try {
      return tile.map(TileSize::new);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          spec.commandLine(), "--tile: " + e.getMessage() + "\nMaybe give 128.");
    }
  }

  private void write(ImportedHeads heads, ImportedFrom kept, ModelDescription described)
      throws IOException {
    write(PeerImport.plan(heads, kept, described, tileSize(), work.run().get()));
  }

  private VideoTarget target(VideoFormat format, ModelIdentity identity) {
    if (steps.isPresent() && format.saysSteps()) {
      throw new ParameterException(
          spec.commandLine(),
          "--steps does nothing for %s, whose files say it.\nMaybe leave it out."
              .formatted(format.name()));
    }
    steps.ifPresent(count -> new DenoisingSteps(count, new DenseFirst(0), new DenseLast(0)));
    return new VideoTarget(
        layout(format), identity.layers(), identity.attention().queryHeads(), steps);
  }

  private VideoLayout layout(VideoFormat format) {
    Extents extents =
        video.orElseThrow(
            () ->
                new ParameterException(
                    spec.commandLine(),
                    "--video is needed: the file does not say which video it is for.\n"
                        + "Maybe give --video 30x48x80 --text-tokens 256."));
    if (tile.isPresent()) {
      throw new ParameterException(
          spec.commandLine(), "--tile does nothing for a video.\nMaybe leave it out.");
    }
    try {
      return new VideoLayout(
          extents, textTokens.orElse(Tokens.of(0)), extents.atMost(format.block()));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          spec.commandLine(), e.getMessage() + "\nMaybe give --video 30x48x80 --text-tokens 256.");
    }
  }

  private void write(ImportedPlan plan) throws IOException {
    plan.write(output);
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        "Plan        %s: %d heads of %s, %d patterns, imported from %s%n",
        output,
        plan.heads().size(),
        plan.model().name(),
        plan.heads().stream().map(head -> head.prefill()).distinct().count(),
        plan.imported().format());
    out.flush();
    PrintWriter err = spec.commandLine().getErr();
    plan.warnings().forEach(warning -> err.println("Warning     " + warning));
    err.flush();
  }

  private void write(HeadScores scores) throws IOException {
    scores.write(output);
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        "Scores      %s: %d layers of %d heads; make a plan with import %s --from scores --sparsity"
            + " Q%n",
        output,
        scores.scores().layers().size(),
        scores.scores().layers().getFirst().size(),
        output);
    out.flush();
  }
}
