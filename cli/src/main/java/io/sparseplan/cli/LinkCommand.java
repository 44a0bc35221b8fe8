package io.sparseplan.cli;

import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.link.LossLink;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.plan.Workload;
import io.sparseplan.plans.profile.PromptSet;
import io.sparseplan.profiler.ModelDirectory;
import io.sparseplan.profiler.evaluate.PlanRuns;
import io.sparseplan.profiler.prompt.Prompt;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sparseplan link}: measures a few plans, so that others' losses can be estimated. */
@Command(
    name = "link",
    description = {
      "Measures a few plans, so that others' losses can be estimated.",
      "Runs plans of one model, best those of search --pareto 8, and fits what they are "
          + "measured to lose to what was predicted. search --link and tune --link then estimate, and "
          + "--max-loss bounds, the loss that is measured."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class LinkCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ModelParameter model;

  @Parameters(
      index = "1..*",
      arity = "1..*",
      paramLabel = "PLAN",
      description = "Plans of one profile and workload, from slow to fast.")
  private List<Path> planFiles;

  @Mixin private JudgingOptions judging;
  @Mixin private BackendOption backends;
  @Mixin private WorkOptions work;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      defaultValue = "model.link.json",
      description = "Where to write the link (default: ${DEFAULT-VALUE}).")
  private Path output;

  @Override
  public Integer call() throws IOException {
    List<Plan> plans = planFiles.stream().map(Plan::read).toList();
    LossLink.requireAlike(plans);
    ModelDirectory directory = model.open();
    List<Tokens> lengths =
        plans.getFirst().workload().lengths().stream().map(Workload.Entry::length).toList();
    List<Prompt> prompts = judging.choose(directory, lengths);
    PlanRuns.Measurements measured = Stages.measure(directory, backends, prompts, plans, work);
    LossLink link =
        LossLink.of(
            IntStream.range(0, plans.size())
                .mapToObj(at -> new LossLink.MeasuredPlan(plans.get(at), measured.plans().get(at)))
                .toList(),
            PromptSet.of(prompts.stream().map(Prompt::member).toList()),
            work.run().get());
    link.write(output);
    PrintWriter out = spec.commandLine().getOut();
    out.print(LinkText.of(link));
    out.printf("Link        %s%n", output);
    out.flush();
    return ExitCode.GOOD;
  }
}
