package io.sparseplan.cli;

import io.sparseplan.plans.curve.Curve;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.link.LossLink;
import io.sparseplan.plans.plan.Goal;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.plan.Strategy;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.profiler.statistics.CandidateSet;
import io.sparseplan.search.VouchedLengths;
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

/** {@code sparseplan search}. */
@Command(
    name = "search",
    description = "Finds the plan of least loss within a goal, from a profile alone.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class SearchCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "PROFILE", description = "The profile to search in.")
  private Path profileFile;

  @Mixin private GoalOptions goals;
  @Mixin private StrategyOption strategy;
  @Mixin private LinkOption linking;
  @Mixin private CurveOption curve;

  @Option(
      names = "--lengths",
      paramLabel = "N",
      split = ",",
      description =
          "Lengths of the workload (default: the profiled ones). At others, losses follow each head's"
              + " trend.")
  private List<Tokens> lengths = List.of();

  @Mixin private FamilyOption family;
  @Mixin private StepOptions steps;
  @Mixin private WorkOptions work;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description =
          "Where to write the plan, or the curve; its plans go to a directory beside it (default:"
              + " plan.json, curve.json).")
  private Optional<Path> output = Optional.empty();

  @Override
  public Integer call() throws IOException {
    Optional<Integer> points = curve.points();
    Optional<LossLink> link = linking.link();
    Goal goal = points.isPresent() ? goals.goalOfCurve() : goals.goal(link);
    if (points.isPresent() && strategy.strategy() != Strategy.OPTAPLANNER) {
      throw new ParameterException(
          spec.commandLine(), "Peers have no curve.\nMaybe leave --strategy or --pareto out.");
    }
    Profile scored = Profile.read(profileFile);
    Profile profile =
        family.isGiven()
            ? scored.withCandidates(
                CandidateSet.of(family.families(scored.layout()), scored.layout()).candidates())
            : scored;
    List<Tokens> chosen =
        lengths.isEmpty() ? profile.lengths() : lengths.stream().distinct().sorted().toList();
    goals.requireLimitsAmong(chosen);
    link.ifPresent(given -> goals.requireLinked(given, profile, chosen));
    if (points.isPresent()) {
      findCurve(points.get(), profile, goal, chosen);
    } else {
      findPlan(profile, goal, chosen, link);
    }
    return ExitCode.GOOD;
  }

  private void findPlan(Profile profile, Goal goal, List<Tokens> chosen, Optional<LossLink> link)
      throws IOException {
    Plan plan =
        Stages.search(profile, goals.loss(profile), strategy.strategy(), goals, goal, chosen, work);
    VouchedLengths.requireTrusted(plan);
    Path file = output.orElse(Path.of(Outputs.PLAN));
    steps.of(plan).write(file);
    PrintWriter out = spec.commandLine().getOut();
    out.print(Summary.of(plan, link, Optional.empty()));
    out.printf("Plan        %s%n", file);
    out.flush();
  }

  private void findCurve(int points, Profile profile, Goal goal, List<Tokens> chosen)
      throws IOException {
    List<Plan> plans =
        Stages.curve(points, profile, goals.loss(profile), goals, goal, chosen, work).stream()
            .map(steps::of)
            .toList();
    Path file = output.orElse(Path.of(Outputs.CURVE));
    Curve found = CurveFiles.write(plans, file, work.run().get());
    PrintWriter out = spec.commandLine().getOut();
    out.print(CurveText.of(found));
    out.printf("Curve       %s%n", file);
    out.flush();
  }
}
