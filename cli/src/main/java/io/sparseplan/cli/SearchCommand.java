package io.sparseplan.cli;

import io.sparseplan.plans.curve.Curve;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.link.LossLink;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.plan.Aim;
import io.sparseplan.plans.plan.Goal;
import io.sparseplan.plans.plan.HeadPlan;
import io.sparseplan.plans.plan.Limit;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.plan.PlannedHead;
import io.sparseplan.plans.plan.Strategy;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.profiler.statistics.CandidateSet;
import io.sparseplan.search.SearchRequest;
import io.sparseplan.search.StartingPoint;
import io.sparseplan.search.VouchedLengths;
import java.io.IOException;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
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

  @Option(
      names = "--keep",
      paramLabel = "WHAT",
      description =
          "Where --from is the goal: time, the plan of least loss that takes no more time; or loss,"
              + " the fastest plan that loses no more (default: time).")
  private Optional<Keep> keep = Optional.empty();

  /** What a plan may not have more of than the one that the search starts from. */
  enum Keep {
    TIME,
    LOSS
  }

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
    boolean keepsToStart = points.isEmpty() && goals.isOfBaseline();
    if (keep.isPresent() && !keepsToStart) {
      throw new ParameterException(
          spec.commandLine(),
          "--keep says what --from allows where no other goal is given.\nMaybe leave it out.");
    }
    Goal goal =
        points.isPresent()
            ? goals.goalOfCurve()
            : keepsToStart ? goals.goalWithoutLimits() : goals.goal(link);
    if (points.isPresent() && strategy.strategy() != Strategy.OPTAPLANNER) {
      throw new ParameterException(
          spec.commandLine(), "Peers have no curve.\nMaybe leave --strategy or --pareto out.");
    }
    Profile scored = Profile.read(profileFile);
    Profile profile =
        family.isGiven()
            ? scored.withCandidates(
                CandidateSet.of(family.families(scored.layout()), scored.layout())
                    .with(ofBaseline(scored))
                    .candidates())
            : scored;
    List<Tokens> chosen =
        lengths.isEmpty() ? profile.lengths() : lengths.stream().distinct().sorted().toList();
    goals.requireLimitsAmong(chosen);
    link.ifPresent(given -> goals.requireLinked(given, profile, chosen));
    if (points.isPresent()) {
      findCurve(points.get(), profile, goal, chosen);
    } else {
      findPlan(profile, keepsToStart ? goalOfStart(profile, goal, chosen) : goal, chosen, link);
    }
    return ExitCode.GOOD;
  }

  /** The patterns of the plan to start from that the profile has scored. */
  private List<Pattern> ofBaseline(Profile scored) {
    return goals.baseline().stream()
        .flatMap(plan -> plan.heads().stream())
        .map(PlannedHead::prefill)
        .distinct()
        .filter(scored.candidates()::contains)
        .toList();
  }

  /** What the plan to start from comes to, as the goal; printed. */
  private Goal goalOfStart(Profile profile, Goal anything, List<Tokens> chosen) {
    SearchRequest request =
        Stages.request(
            profile, goals.loss(profile), strategy.strategy(), goals, anything, chosen, work);
    StartingPoint start = StartingPoint.of(request);
    HeadPlan plan = goals.baseline().orElseThrow();
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        Locale.ROOT,
        "Start       loss %s %s, %.4f ms, by the same profile and device%s%n",
        new BigDecimal(start.loss(), new MathContext(4)).toPlainString(),
        LossText.unit(request.statistic()),
        start.millis(),
        plan.layout().tile().equals(profile.layout().tile())
            ? ""
            : ", in tiles of %d where the plan has %d"
                .formatted(profile.layout().tile().tokens(), plan.layout().tile().tokens()));
    return switch (keep.orElse(Keep.TIME)) {
      case TIME -> goals.goal(List.of(new Limit.MaxMillis(start.millis())), new Aim.LeastLoss());
      case LOSS -> goals.goal(List.of(), new Aim.LeastTime(start.loss()));
    };
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
