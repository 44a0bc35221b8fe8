package io.sparseplan.cli;

import io.sparseplan.plans.plan.LossOver;
import io.sparseplan.plans.plan.Strategy;
import io.sparseplan.profiler.prompt.Prompt;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How often a plan is searched for again by what it was measured to lose. */
final class RefineOption {
  private static final int MOST_ROUNDS = 100;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--refine",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Measure the plan on the prompts, take the gradients again there and search near it, up"
              + " to N times; a quarter of the prompts is held back, and only what loses less on"
              + " those is kept (default: ${DEFAULT-VALUE}).")
  private int rounds;

  /**
   * How many rounds; checked before anything long is started.
   *
   * @param lossOver what the goal calls the loss
   * @param byDivergence whether plans are searched for by what is measured
   */
  int rounds(LossOver lossOver, boolean byDivergence, Strategy strategy, List<Prompt> prompts) {
    if (rounds < 0 || rounds > MOST_ROUNDS) {
      throw refusal("--refine (%d) must be in 0..%d.".formatted(rounds, MOST_ROUNDS), "give 3.");
    }
    if (rounds == 0) {
      return 0;
    }
    if (lossOver != LossOver.MEAN) {
      throw refusal(
          "--refine (%d) measures the mean over prompts; the goal looks at the worst length."
              .formatted(rounds),
          "leave --loss-over out, or --refine.");
    }
    if (!byDivergence || strategy != Strategy.OPTAPLANNER) {
      throw refusal(
          "--refine (%d) is of this program's own search by the divergence; another --loss, --objective or --strategy is given."
              .formatted(rounds),
          "leave that out, or --refine.");
    }
    Map<Integer, Long> promptsOfLength =
        prompts.stream()
            .collect(
                Collectors.groupingBy(
                    prompt -> prompt.ids().length, TreeMap::new, Collectors.counting()));
    promptsOfLength.forEach(
        (length, count) -> {
          if (count < 2) {
            throw refusal(
                "--refine (%d) holds a prompt of each length back; only one of %d tokens is chosen."
                    .formatted(rounds, length),
                "raise --limit-per-length, or leave --refine out.");
          }
        });
    return rounds;
  }

  private ParameterException refusal(String problem, String remedy) {
    return new ParameterException(command.commandLine(), "%s\nMaybe %s".formatted(problem, remedy));
  }
}
