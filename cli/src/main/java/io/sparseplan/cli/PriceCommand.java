package io.sparseplan.cli;

import io.sparseplan.costmodel.DeviceTable;
import io.sparseplan.costmodel.decode.DecodeRows;
import io.sparseplan.costmodel.decode.SplitKvTable;
import io.sparseplan.costmodel.measured.Launch;
import io.sparseplan.costmodel.measured.LaunchRow;
import io.sparseplan.costmodel.measured.MeasuredRows;
import io.sparseplan.costmodel.rows.StepPricer;
import io.sparseplan.costmodel.runtime.AttentionRuntime;
import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.geometry.Visibility;
import io.sparseplan.plans.plan.HeadPlan;
import io.sparseplan.plans.plan.ImportedPlan;
import io.sparseplan.plans.plan.Phase;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.plan.Workload;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.plans.profile.ProfiledTiles;
import io.sparseplan.plans.profile.SelectedTiles;
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

/** {@code sparseplan price}. */
@Command(
    name = "price",
    description = {
      "Predicts the GPU time of a plan, or of single launches, from a device table.",
      "Where launches carry measured times it also prints how far the predictions are off."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class PriceCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(arity = "0..1", paramLabel = "PLAN", description = "The plan.json to price.")
  private Optional<Path> planFile = Optional.empty();

  @Option(
      names = "--rows",
      paramLabel = "FILE",
      description = "Launches to price instead, one a line: .jsonl or .csv, or .gz of either.")
  private Optional<Path> rowsFile = Optional.empty();

  @Mixin private DeviceOption device;

  @Mixin private TargetOption target;

  @Option(
      names = "--model",
      paramLabel = "M",
      defaultValue = "SIMULATED",
      description =
          "With --rows: ${COMPLETION-CANDIDATES} (default: simulated). The others are what peers"
              + " go by, fitted to the rows themselves.")
  private PriceModel model;

  @Option(
      names = "--profile",
      paramLabel = "PROFILE",
      description =
          "With PLAN: the profile that it was made from, where heads pick their tiles on each"
              + " prompt; it counted them.")
  private Optional<Path> profileFile = Optional.empty();

  @Option(
      names = {"--length", "--lengths"},
      paramLabel = "N",
      split = ",",
      description =
          "With PLAN: lengths in tokens (default: those of the plan; imported ones have none).")
  private List<Tokens> lengths = List.of();

  @Option(
      names = "--phase",
      paramLabel = "P",
      description =
          "With PLAN: prefill, or decode: one step after so many keys (default: as in the plan).")
  private Optional<Phase> phase = Optional.empty();

  @Option(
      names = "--batch",
      paramLabel = "B",
      description = "With PLAN: prompts in one launch (default: as in the plan).")
  private Optional<Integer> batch = Optional.empty();

  @Option(
      names = "--format",
      paramLabel = "F",
      defaultValue = "TABLE",
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private PriceFormat format;

  @Override
  public Integer call() throws IOException {
    if (planFile.isPresent() == rowsFile.isPresent()) {
      throw usage("Either a PLAN or --rows is needed, not both.\nMaybe give --rows FILE.");
    }
    String text = planFile.isPresent() ? priceOf(planFile.get()) : rows(rowsFile.get());
    PrintWriter out = spec.commandLine().getOut();
    out.print(text);
    out.flush();
    return ExitCode.GOOD;
  }

  private String rows(Path file) throws IOException {
    if (!lengths.isEmpty() || batch.isPresent() || phase.isPresent()) {
      throw usage(
          "--length, --batch and --phase are of a PLAN; rows say their own.\n"
              + "Maybe leave them out.");
    }
    return DecodeRows.isOf(file) ? steps(file) : launches(file);
  }

  private String launches(Path file) throws IOException {
    DeviceTable table = device.table();
    List<LaunchRow> rows = MeasuredRows.launches(file);
    return text(RowPrices.of(model.price(rows, table)), model.describe(table));
  }

  private String steps(Path file) throws IOException {
    if (model != PriceModel.SIMULATED) {
      throw usage(
          "--model %s is of prefill launches; the rows are decode steps.\nMaybe leave it out."
              .formatted(model));
    }
    SplitKvTable table = device.decodeTable();
    var pricer = new StepPricer(table);
    return text(
        RowPrices.ofSteps(DecodeRows.read(file).stream().map(pricer::price).toList()),
        "the decode table " + table.name());
  }

  private String text(RowPrices prices, String by) throws IOException {
    return switch (format) {
      case TABLE -> prices.table(by);
      case JSON -> prices.json();
      case CSV -> prices.csv();
    };
  }

  private String priceOf(Path file) throws IOException {
    if (model != PriceModel.SIMULATED) {
      throw usage("--model %s needs --rows.\nMaybe leave it out.".formatted(model));
    }
    HeadPlan plan = HeadPlan.read(file);
    Workload ofPlan = workload(plan);
    List<Tokens> chosen =
        lengths.isEmpty()
            ? ofPlan.lengths().stream().map(Workload.Entry::length).toList()
            : lengths.stream().distinct().sorted().toList();
    int prompts = batch.orElse(ofPlan.batch());
    chosen.forEach(length -> requireLaunch(plan, length, prompts));
    Phase priced = phase.orElse(ofPlan.phase());
    var workload =
        new Workload(
            priced, prompts, chosen.stream().map(length -> new Workload.Entry(length, 1)).toList());
    PlanPrice price =
        switch (priced) {
          case PREFILL ->
              PlanPrice.ofPrefill(
                  plan, device.table(), runtime(plan), workload, selectedTiles(plan));
          case DECODE -> decode(plan, workload);
        };
    return switch (format) {
      case TABLE -> price.table();
      case JSON -> price.json();
      case CSV -> price.csv();
    };
  }

  /** What the plan is priced for where the options say nothing else. */
  private Workload workload(HeadPlan plan) {
    return switch (plan) {
      case Plan searched -> searched.workload();
      case ImportedPlan imported -> {
        if (lengths.isEmpty() || batch.isEmpty()) {
          throw usage(
              "The plan was imported and says nothing of lengths and batches.\n"
                  + "Maybe give --length 4096 --batch 8.");
        }
        yield Workload.prefill(batch.get(), lengths.stream().distinct().sorted().toList());
      }
    };
  }

  private SelectedTiles selectedTiles(HeadPlan plan) {
    if (profileFile.isEmpty()) {
      return SelectedTiles.NONE;
    }
    Profile profile = Profile.read(profileFile.get());
    if (!plan.model().sameWeights(profile.model())) {
      throw new BadInputException(
          "The plan is for the model %s (weights %s); the profile is of %s (weights %s)."
              .formatted(
                  plan.model().name(),
                  plan.model().weights().abbreviated(),
                  profile.model().name(),
                  profile.model().weights().abbreviated()),
          "name the profile that the plan was made from.");
    }
    return new ProfiledTiles(profile);
  }

  private PlanPrice decode(HeadPlan plan, Workload workload) {
    if (target.runtime().isPresent()) {
      throw usage("--target is of the prefill phase.\nMaybe leave it out.");
    }
    if (plan.layout().visibility() != Visibility.CAUSAL) {
      throw usage(
          "The plan is of a bidirectional model, which does not decode.\nMaybe leave --phase out.");
    }
    return PlanPrice.ofDecode(plan, device.decodeTable(), workload);
  }

  /** That of --target, else the one that the plan is for. */
  private AttentionRuntime runtime(HeadPlan plan) {
    String named =
        switch (plan) {
          case Plan searched -> searched.device().runtime();
          case ImportedPlan imported -> AttentionRuntime.KERNEL_ALONE.name();
        };
    return target
        .runtime()
        .orElseGet(
            () ->
                named.equals(AttentionRuntime.KERNEL_ALONE.name())
                    ? AttentionRuntime.KERNEL_ALONE
                    : AttentionRuntime.resolve(named));
  }

  /** Refuses launches that no GPU runs and that would keep the simulator busy for hours. */
  private void requireLaunch(HeadPlan plan, Tokens length, int prompts) {
    long tiles = plan.layout().tile().tilesCovering(length.count());
    long heads = plan.model().attention().queryHeads().count();
    if (prompts >= 1
        && prompts <= GoalOptions.MOST_BATCH
        && tiles <= Launch.MOST_TILES
        && tiles * heads * prompts <= Launch.MOST_BLOCKS) {
      return;
    }
    String problem =
        "Length %s at batch %d is no launch: tiles (%d) at most %d, batch 1..%d, blocks (%d) at most %d."
            .formatted(
                length,
                prompts,
                tiles,
                Launch.MOST_TILES,
                GoalOptions.MOST_BATCH,
                tiles * heads * prompts,
                Launch.MOST_BLOCKS);
    String remedy = "give a shorter length or a smaller batch.";
    if (lengths.isEmpty() && batch.isEmpty()) {
      throw new BadInputException(problem, remedy);
    }
    throw usage(problem + "\nMaybe " + remedy);
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
