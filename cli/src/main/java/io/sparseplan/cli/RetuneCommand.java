package io.sparseplan.cli;

import io.sparseplan.costmodel.DeviceTable;
import io.sparseplan.costmodel.runtime.AttentionRuntime;
import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.check.Budget;
import io.sparseplan.plans.check.CheckReport;
import io.sparseplan.plans.check.CheckReport.Verdict;
import io.sparseplan.plans.check.GateQuantity;
import io.sparseplan.plans.check.GateResult;
import io.sparseplan.plans.check.PlanDigest;
import io.sparseplan.plans.evaluation.Evaluation;
import io.sparseplan.plans.file.AtomicFile;
import io.sparseplan.plans.file.SchemaVersion;
import io.sparseplan.plans.file.Sha256;
import io.sparseplan.plans.file.Tool;
import io.sparseplan.plans.model.ModelIdentity;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.plan.Churn;
import io.sparseplan.plans.plan.HeadDecision;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.plan.PlanDiff;
import io.sparseplan.plans.plan.Workload;
import io.sparseplan.plans.profile.LossStatistic;
import io.sparseplan.plans.profile.Objective;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.plans.profile.ProfileBasis;
import io.sparseplan.profiler.ModelDirectory;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.gpu.Gpu;
import io.sparseplan.profiler.prompt.PromptChoice;
import io.sparseplan.profiler.statistics.CandidateSet;
import io.sparseplan.report.ReportInput;
import io.sparseplan.report.ReportPage;
import io.sparseplan.report.text.DiffText;
import io.sparseplan.report.text.MarkdownReport;
import io.sparseplan.search.NoFeasiblePlanException;
import io.sparseplan.search.SearchEffort;
import io.sparseplan.search.SearchRequest;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code sparseplan retune}: a new plan for a changed model, close to the published one. */
@Command(
    name = "retune",
    description = {
      "Makes a new plan for a changed model, close to the published one.",
      "The goal, workload, device and rules are those of the published plan, the search starts "
          + "from it, and few heads may change. Writes what tune writes, and comment.md, the report "
          + "with the differences as Markdown."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class RetuneCommand implements Callable<Integer> {
  private static final String COMMENT = "comment.md";

  @Spec private CommandSpec spec;
  @Mixin private ModelParameter model;

  @Option(
      names = "--from",
      paramLabel = "PLAN",
      required = true,
      description = "The published plan: its goal is asked for again, and it is the start.")
  private Path from;

  @Option(
      names = "--max-churn",
      paramLabel = "R",
      defaultValue = "0.25",
      description =
          "Share of heads, 0..1, that may run another pattern than in --from (default:"
              + " ${DEFAULT-VALUE}).")
  private double maxChurn;

  @Option(
      names = "--budget",
      paramLabel = "FILE",
      description = "Gates that the new plan must keep to (docs/ci.md).")
  private Optional<Path> budgetFile = Optional.empty();

  @Option(
      names = "--device",
      paramLabel = "NAME|FILE",
      description = "Device table to price with (default: that of the plan).")
  private Optional<String> device = Optional.empty();

  @Mixin private RefineOption refine;
  @Mixin private PromptOptions prompts;
  @Mixin private CandidateOptions candidates;
  @Mixin private BackendOption backends;
  @Mixin private WorkOptions work;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "DIR",
      required = true,
      description = "Directory to write to; not that of --from.")
  private Path output;

  @Mixin private GateFiles files;

  @Override
  public Integer call() throws IOException {
    Plan published = Plan.read(from);
    Churn churn = churn();
    Budget budget = budgetFile.map(Budget::read).orElse(Budget.NONE);
    DeviceTable table = DeviceTable.resolve(device.orElse(published.device().name()));
    AttentionRuntime runtime = MeasuredGates.runtime(published);
    ModelDirectory directory = model.open();
    requireOtherDirectory();
    ModelDirectory.Opened opened = directory.openWeights();
    ModelIdentity identity = opened.identity();
    if (!identity.sameHeads(published.model())) {
      throw new BadInputException(
          "The published plan (%s) is for %d layers of %d heads; the model (%s) has %d of %d, or other sliding windows."
              .formatted(
                  from,
                  published.model().layers().count(),
                  published.model().attention().queryHeads().count(),
                  directory.root(),
                  identity.layers().count(),
                  identity.attention().queryHeads().count()),
          "make a plan of its own for it, with tune.");
    }
    CandidateSet scored = withPatternsOf(published);
    PromptChoice choice = prompts.choose(directory);
    requireWorkload(published, choice);
    int rounds =
        refine.rounds(
            published.goal().lossOver(),
            published.calibration().statistic() == LossStatistic.DIVERGENCE
                && prompts.objective() == Objective.KL,
            published.solver().strategy(),
            choice.chosen());
    Optional<Gpu> gpu = backends.gpu();
    try (Workers workers = work.workers()) {
      PlacedModel placed = PlacedModel.of(gpu, opened, workers);
      try (OutputLock _ = OutputLock.of(output)) {
        return retune(placed, choice, scored, published, churn, table, runtime, rounds, budget);
      }
    }
  }

  private int retune(
      PlacedModel placed,
      PromptChoice choice,
      CandidateSet scored,
      Plan published,
      Churn churn,
      DeviceTable table,
      AttentionRuntime runtime,
      int rounds,
      Budget budget)
      throws IOException {
    ProfileBasis basis = Stages.basis(placed, scored, prompts.objective());
    Plan plan;
    Evaluation evaluation;
    try (OutputProfile made = OutputProfile.of(output, placed, basis, choice.chosen(), work)) {
      try {
        SearchRequest request = request(made.profile(), published, churn, table, runtime);
        Plan first = Stages.search(request, work);
        plan = Stages.refine(placed, request, first, choice.chosen(), rounds, work);
      } catch (NoFeasiblePlanException e) {
        made.writeAlone();
        throw e;
      }
      evaluation = Stages.evaluate(placed, plan, choice.judged(), work);
      made.write();
      write(made.profile(), plan, evaluation, published);
    }
    PlanDiff diff = PlanDiff.between(published, plan);
    CheckReport gates = gates(budget, published, plan, evaluation, diff);
    print(plan, evaluation, diff, gates);
    files.write(gates, output.resolve(Outputs.PLAN));
    return gates.mayBeUsed() ? ExitCode.GOOD : ExitCode.GATE_FAILED;
  }

  private Churn churn() {
    try {
      return new Churn(Sha256.ofFile(from), maxChurn);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          spec.commandLine(), e.getMessage() + "\nMaybe give --max-churn 0.25.", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What is published must outlive a run that finds nothing. */
  private void requireOtherDirectory() throws IOException {
    Path published = from.toRealPath().getParent();
    if (Files.exists(output) && output.toRealPath().equals(published)) {
      throw new BadInputException(
          "The output directory (%s) holds the published plan (%s).".formatted(output, from),
          "write to another with -o, and publish from there.");
    }
  }

  /** The published patterns can only be kept where they are scored. */
  private CandidateSet withPatternsOf(Plan published) {
    CandidateSet scored = candidates.scored();
    List<Pattern> all =
        Stream.concat(
                scored.candidates().stream(), published.heads().stream().map(HeadDecision::prefill))
            .distinct()
            .toList();
    return new CandidateSet(scored.schemaVersion(), all);
  }

  private static void requireWorkload(Plan published, PromptChoice choice) {
    for (Workload.Entry entry : published.workload().lengths()) {
      if (choice.chosen().stream().noneMatch(prompt -> prompt.length().equals(entry.length()))) {
        throw new BadInputException(
            "The published plan's workload has length %s; no chosen prompt has so many tokens."
                .formatted(entry.length()),
            "add it to --lengths.");
      }
    }
  }

  private SearchRequest request(
      Profile profile, Plan published, Churn churn, DeviceTable table, AttentionRuntime runtime) {
    return new SearchRequest(
        profile,
        published.calibration().statistic(),
        table,
        runtime,
        published.workload(),
        published.goal().withRules(published.goal().rules().withChurn(churn)),
        published.predicted().vouched().beyond(),
        Optional.of(published),
        published.solver().strategy(),
        published.solver().seed(),
        SearchEffort.DEFAULT,
        work.run());
  }

  private void write(Profile profile, Plan plan, Evaluation evaluation, Plan published)
      throws IOException {
    plan.write(output.resolve(Outputs.PLAN));
    PlanDigest.of(plan, profile).write(output.resolve(Outputs.DIGEST));
    evaluation.write(output.resolve(Outputs.EVALUATION));
    var input = ReportInput.of(plan).with(profile).with(evaluation).withBaseline(published);
    AtomicFile.write(output.resolve(Outputs.REPORT), out -> ReportPage.write(input, out));
    byte[] comment = MarkdownReport.of(input).getBytes(StandardCharsets.UTF_8);
    AtomicFile.write(output.resolve(COMMENT), out -> out.write(comment));
  }

  private CheckReport gates(
      Budget budget, Plan published, Plan plan, Evaluation evaluation, PlanDiff diff) {
    var gates = new MeasuredGates(budget);
    gates.publishedTime(plan);
    gates.memory(plan);
    gates.quality(evaluation);
    gates.churn(diff);
    gates.unchanged(GateQuantity.DRIFT);
    List<GateResult> results = gates.all();
    Optional<GateResult> failed = CheckReport.firstFailed(results);
    return new CheckReport(
        SchemaVersion.CURRENT,
        Tool.THIS,
        failed.isPresent() ? Verdict.GATE_FAILED : Verdict.VALID,
        failed
            .map(
                gate ->
                    "The new plan does not keep to the gate %s.".formatted(gate.quantity().title()))
            .orElse("The new plan keeps to every gate that fails a run."),
        published.model(),
        plan.model(),
        List.of(),
        List.of(),
        results,
        work.run().get());
  }

  private void print(Plan plan, Evaluation evaluation, PlanDiff diff, CheckReport gates) {
    PrintWriter out = spec.commandLine().getOut();
    out.print(Summary.of(plan, Optional.empty(), Optional.of(evaluation)));
    out.printf("Profile     %s%n", output.resolve(Outputs.PROFILE));
    out.printf("Plan        %s%n", output.resolve(Outputs.PLAN));
    out.printf("Digest      %s%n", output.resolve(Outputs.DIGEST));
    out.printf("Evaluation  %s%n", output.resolve(Outputs.EVALUATION));
    out.printf("Report      %s%n", output.resolve(Outputs.REPORT));
    out.printf("Comment     %s%n%n", output.resolve(COMMENT));
    out.print(DiffText.plain(diff));
    if (!gates.gates().isEmpty()) {
      out.printf("%n%s%n%s", gates.reason(), CheckText.table(gates.gates()));
    }
    out.flush();
  }
}
