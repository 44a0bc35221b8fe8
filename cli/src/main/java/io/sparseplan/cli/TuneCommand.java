package io.sparseplan.cli;

import io.sparseplan.plans.check.PlanDigest;
import io.sparseplan.plans.evaluation.Evaluation;
import io.sparseplan.plans.file.AtomicFile;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.link.LossLink;
import io.sparseplan.plans.plan.Goal;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.plans.profile.ProfileBasis;
import io.sparseplan.profiler.ModelDirectory;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.gpu.Gpu;
import io.sparseplan.profiler.prompt.Prompt;
import io.sparseplan.profiler.prompt.PromptChoice;
import io.sparseplan.profiler.statistics.CandidateSet;
import io.sparseplan.report.ReportInput;
import io.sparseplan.report.ReportPage;
import io.sparseplan.report.source.ChartedCurve;
import io.sparseplan.search.NoFeasiblePlanException;
import io.sparseplan.search.PinnedHeads;
import io.sparseplan.search.SearchRequest;
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
import picocli.CommandLine.Spec;

/** {@code sparseplan tune}: the whole way from a model to a plan and its report. */
@Command(
    name = "tune",
    description = {
      "Finds a plan for a model, from profile to report.",
      "Profiles the model, searches for the plan of least loss within the goal, measures it on "
          + "prompts that it was not made from where there are some, and writes model.profile, "
          + "plan.json, plan.digest.json, evaluation.json and report.html."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class TuneCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ModelParameter model;
  @Mixin private GoalOptions goals;
  @Mixin private StrategyOption strategy;
  @Mixin private LinkOption linking;
  @Mixin private CurveOption curve;
  @Mixin private RefineOption refine;
  @Mixin private PromptOptions prompts;
  @Mixin private CandidateOptions candidates;
  @Mixin private BackendOption backends;
  @Mixin private WorkOptions work;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "DIR",
      required = true,
      description = "Directory to write to.")
  private Path output;

  @Override
  public Integer call() throws IOException {
    Optional<LossLink> link = linking.link();
    Goal goal = goals.goal(link);
    Optional<Integer> points = curve.points();
    goals.table();
    ModelDirectory directory = model.open();
    CandidateSet scored = candidates.scored();
    PinnedHeads.requireFit(
        goal.rules(),
        directory.geometry().layers(),
        directory.geometry().attention(),
        scored.candidates());
    PromptChoice choice = prompts.choose(directory);
    List<Tokens> lengths =
        choice.chosen().stream().map(Prompt::length).distinct().sorted().toList();
    goals.requireLimitsAmong(lengths);
    int rounds =
        refine.rounds(
            goal.lossOver(),
            goals.isByDivergence(prompts.objective()),
            strategy.strategy(),
            choice.chosen());
    Optional<Gpu> gpu = backends.gpu();
    try (Workers workers = work.workers()) {
      PlacedModel placed = PlacedModel.of(gpu, directory.openWeights(), workers);
      try (OutputLock _ = OutputLock.of(output)) {
        tune(placed, choice, scored, goal, link, points, rounds, lengths);
      }
    }
    return ExitCode.GOOD;
  }

  private void tune(
      PlacedModel placed,
      PromptChoice choice,
      CandidateSet scored,
      Goal goal,
      Optional<LossLink> link,
      Optional<Integer> points,
      int rounds,
      List<Tokens> lengths)
      throws IOException {
    ProfileBasis basis = Stages.basis(placed, scored, prompts.objective());
    Plan plan;
    Evaluation evaluation;
    Optional<ChartedCurve> found = Optional.empty();
    try (OutputProfile made = OutputProfile.of(output, placed, basis, choice.chosen(), work)) {
      Profile profile = made.profile();
      List<Plan> plans = List.of();
      link.ifPresent(given -> goals.requireLinked(given, profile, lengths));
      try {
        SearchRequest request =
            Stages.request(
                profile, goals.loss(profile), strategy.strategy(), goals, goal, lengths, work);
        Plan first = Stages.search(request, work);
        plan = Stages.refine(placed, request, first, choice.chosen(), rounds, work);
        if (points.isPresent()) {
          plans =
              Stages.curve(points.get(), profile, goals.loss(profile), goals, goal, lengths, work);
        }
      } catch (NoFeasiblePlanException e) {
        made.writeAlone();
        throw e;
      }
      evaluation = Stages.evaluate(placed, plan, choice.judged(), work);
      made.write();
      found = writeCurve(plans);
      write(profile, plan, evaluation, found);
    }
    PrintWriter out = spec.commandLine().getOut();
    out.print(Summary.of(plan, link, Optional.of(evaluation)));
    found.map(ChartedCurve::curve).map(CurveText::of).ifPresent(out::print);
    out.printf("Profile     %s%n", output.resolve(Outputs.PROFILE));
    out.printf("Plan        %s%n", output.resolve(Outputs.PLAN));
    if (found.isPresent()) {
      out.printf("Curve       %s%n", output.resolve(Outputs.CURVE));
    }
    out.printf("Digest      %s%n", output.resolve(Outputs.DIGEST));
    out.printf("Evaluation  %s%n", output.resolve(Outputs.EVALUATION));
    out.printf("Report      %s%n", output.resolve(Outputs.REPORT));
    out.flush();
  }

  /** The curve of an earlier run goes where this one makes none. */
  private Optional<ChartedCurve> writeCurve(List<Plan> plans) throws IOException {
    Path file = output.resolve(Outputs.CURVE);
    if (plans.isEmpty()) {
      CurveFiles.delete(file);
      return Optional.empty();
    }
    return Optional.of(new ChartedCurve(CurveFiles.write(plans, file, work.run().get()), plans));
  }

  private void write(
      Profile profile, Plan plan, Evaluation evaluation, Optional<ChartedCurve> curve)
      throws IOException {
    plan.write(output.resolve(Outputs.PLAN));
    PlanDigest.of(plan, profile).write(output.resolve(Outputs.DIGEST));
    evaluation.write(output.resolve(Outputs.EVALUATION));
    ReportInput made = ReportInput.of(plan).with(profile).with(evaluation);
    ReportInput input = curve.map(made::with).orElse(made);
    AtomicFile.write(output.resolve(Outputs.REPORT), out -> ReportPage.write(input, out));
  }
}
