package io.sparseplan.cli;

import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.plan.Goal;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.profiler.statistics.CandidateSet;
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

  @Option(
      names = "--lengths",
      paramLabel = "N",
      split = ",",
      description = "Lengths of the workload, among the profiled ones (default: all of them).")
  private List<Tokens> lengths = List.of();

  @Mixin private FamilyOption family;
  @Mixin private StepOptions steps;
  @Mixin private WorkOptions work;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      defaultValue = "plan.json",
      description = "Where to write the plan (default: ${DEFAULT-VALUE}).")
  private Path output;

  @Override
  public Integer call() throws IOException {
    Goal goal = goals.goal();
    Profile scored = Profile.read(profileFile);
    Profile profile =
        family.isGiven()
            ? scored.withCandidates(
                CandidateSet.of(family.families(scored.layout()), scored.layout()).candidates())
            : scored;
    List<Tokens> chosen =
        lengths.isEmpty() ? profile.lengths() : lengths.stream().distinct().sorted().toList();
    goals.requireLimitsAmong(chosen);
    Plan plan =
        Stages.search(profile, goals.loss(profile), strategy.strategy(), goals, goal, chosen, work);
    steps.of(plan).write(output);
    PrintWriter out = spec.commandLine().getOut();
    out.print(Summary.of(plan, Optional.empty()));
    out.printf("Plan        %s%n", output);
    out.flush();
    return ExitCode.GOOD;
  }
}
