package io.sparseplan.cli;

import io.sparseplan.plans.comparison.Comparison;
import io.sparseplan.plans.comparison.Contender;
import io.sparseplan.plans.comparison.ContenderOutcome;
import io.sparseplan.plans.evaluation.Measured;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.file.SchemaVersion;
import io.sparseplan.plans.file.Tool;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.plan.Aim;
import io.sparseplan.plans.plan.Calibration;
import io.sparseplan.plans.plan.Goal;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.plan.Rules;
import io.sparseplan.plans.plan.Strategy;
import io.sparseplan.plans.profile.LossKind;
import io.sparseplan.plans.profile.LossStatistic;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.plans.profile.PromptSet;
import io.sparseplan.profiler.ModelDirectory;
import io.sparseplan.profiler.evaluate.PlanRuns;
import io.sparseplan.profiler.prompt.Prompt;
import io.sparseplan.search.NoFeasiblePlanException;
import io.sparseplan.search.PredictedLoss;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sparseplan compare}. */
@Command(
    name = "compare",
    description = {
      "Compares this search with what peers would choose.",
      "Each chooses a plan for the goal from the same candidates and statistics; predicted loss "
          + "and time are compared, with --evaluate also what each plan does to the model."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class CompareCommand implements Callable<Integer> {
  /** A strategy to run, and by which loss. */
  private record Entry(Strategy strategy, Optional<LossStatistic> searchedBy) {}

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "PROFILE", description = "The profile to choose from.")
  private Path profileFile;

  @Mixin private GoalOptions goals;

  @Option(
      names = "--lengths",
      paramLabel = "N",
      split = ",",
      description = "Lengths of the workload, among the profiled ones (default: all of them).")
  private List<Tokens> lengths = List.of();

  @Option(
      names = "--also-by",
      paramLabel = "S",
      split = ",",
      description = "Search by these losses too, beside --loss: what --loss takes.")
  private List<LossKind> alsoBy = List.of();

  @Option(
      names = "--strategies",
      paramLabel = "S",
      split = ",",
      description =
          "Only these, named as search --strategy names them; optaplanner is always there"
              + " (default: all).")
  private List<Strategy> strategies = List.of(Strategy.values());

  @Option(
      names = "--evaluate",
      paramLabel = "MODEL",
      description = "Run the plans on this model, each prompt dense only once.")
  private Optional<Path> model = Optional.empty();

  @Mixin private JudgingOptions judging;
  @Mixin private BackendOption backends;

  @Option(
      names = "--prompt-lengths",
      paramLabel = "N",
      split = ",",
      description = "Judge on prompts of these lengths (default: those of the workload).")
  private List<Tokens> promptLengths = List.of();

  @Mixin private WorkOptions work;

  @Option(
      names = "--format",
      paramLabel = "F",
      defaultValue = "TABLE",
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private PriceFormat format;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "Also write the comparison as JSON.")
  private Optional<Path> output = Optional.empty();

  @Override
  public Integer call() throws IOException {
    Goal goal = goals.goal();
    requireComparable(goal);
    Profile profile = Profile.read(profileFile);
    LossStatistic statistic = goals.loss(profile);
    List<Entry> entries = entries(profile, statistic);
    List<Tokens> chosen =
        lengths.isEmpty() ? profile.lengths() : lengths.stream().distinct().sorted().toList();
    goals.requireLimitsAmong(chosen);
    Optional<ModelDirectory> directory = model.map(ModelDirectory::open);
    List<Prompt> prompts =
        directory
            .map(given -> judging.choose(given, promptLengths.isEmpty() ? chosen : promptLengths))
            .orElse(List.of());
    List<Contender> contenders = new ArrayList<>();
    List<Plan> plans = new ArrayList<>();
    for (Entry entry : entries) {
      ContenderOutcome outcome = outcome(entry, profile, statistic, goal, chosen, plans);
      contenders.add(new Contender(entry.strategy(), entry.searchedBy(), outcome));
    }
    Optional<Comparison.Measurement> measurement = Optional.empty();
    if (directory.isPresent()) {
      PlanRuns.Measurements measured =
          Stages.measure(directory.get(), backends, prompts, plans, work);
      PromptSet promptSet = PromptSet.of(prompts.stream().map(Prompt::member).toList());
      measurement =
          Optional.of(
              new Comparison.Measurement(
                  promptSet, profile.promptSet().isDisjointFrom(promptSet), measured.dense()));
      contenders = measured(contenders, measured.plans());
    }
    Plan ours = plans.getFirst();
    var comparison =
        new Comparison(
            SchemaVersion.CURRENT,
            Tool.THIS,
            ours.model(),
            Calibration.of(profile, statistic),
            ours.device(),
            ours.workload(),
            goal,
            goals.seed(),
            measurement,
            contenders,
            work.run().get());
    PrintWriter out = spec.commandLine().getOut();
    out.print(
        switch (format) {
          case TABLE -> new ComparisonText(comparison).table();
          case CSV -> new ComparisonText(comparison).csv();
          case JSON -> JsonFile.pretty(comparison) + "\n";
        });
    out.flush();
    if (output.isPresent()) {
      comparison.write(output.get());
    }
    return ExitCode.GOOD;
  }

  private void requireComparable(Goal goal) {
    if (!(goal.aim() instanceof Aim.LeastLoss) || !goal.rules().equals(Rules.NONE)) {
      throw new ParameterException(
          spec.commandLine(),
          "Peers know limits on time and density only.\n"
              + "Maybe give --max-time or --max-density alone.");
    }
  }

  /** This project's search first, by each loss that is asked for, then the peers. */
  private List<Entry> entries(Profile profile, LossStatistic statistic) {
    Stream<LossStatistic> losses =
        Stream.concat(Stream.of(statistic), alsoBy.stream().map(kind -> kind.in(profile)));
    Stream<Entry> ours =
        losses.distinct().map(loss -> new Entry(Strategy.OPTAPLANNER, Optional.of(loss)));
    Stream<Entry> peers =
        Stream.of(Strategy.values())
            .filter(strategy -> strategy != Strategy.OPTAPLANNER && strategies.contains(strategy))
            .map(strategy -> new Entry(strategy, Optional.empty()));
    return Stream.concat(ours, peers).toList();
  }

  /**
   * @param plans gets the plan, if there is one
   * @throws NoFeasiblePlanException if it is this project's search that finds none
   */
  private ContenderOutcome outcome(
      Entry entry,
      Profile profile,
      LossStatistic statistic,
      Goal goal,
      List<Tokens> chosen,
      List<Plan> plans) {
    LossStatistic by = entry.searchedBy().orElse(statistic);
    try {
      Plan plan = Stages.search(profile, by, entry.strategy(), goals, goal, chosen, work);
      plans.add(plan);
      return ContenderOutcome.Found.of(
          by == statistic ? plan.predicted() : PredictedLoss.of(plan, profile, statistic));
    } catch (NoFeasiblePlanException e) {
      if (entry.strategy() == Strategy.OPTAPLANNER) {
        throw e;
      }
      return new ContenderOutcome.NoPlan(e.getMessage().lines().findFirst().orElseThrow());
    }
  }

  private static List<Contender> measured(List<Contender> contenders, List<Measured> ofPlans) {
    var next = ofPlans.iterator();
    return contenders.stream()
        .map(
            contender ->
                switch (contender.outcome()) {
                  case ContenderOutcome.Found found ->
                      new Contender(
                          contender.strategy(), contender.searchedBy(), found.with(next.next()));
                  case ContenderOutcome.NoPlan _ -> contender;
                })
        .toList();
  }
}
