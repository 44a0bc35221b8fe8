package io.sparseplan.cli;

import io.sparseplan.costmodel.DeviceTable;
import io.sparseplan.costmodel.runtime.AttentionRuntime;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.link.LossLink;
import io.sparseplan.plans.plan.Aim;
import io.sparseplan.plans.plan.Calibration;
import io.sparseplan.plans.plan.Goal;
import io.sparseplan.plans.plan.HeadPlan;
import io.sparseplan.plans.plan.Limit;
import io.sparseplan.plans.plan.LossOver;
import io.sparseplan.plans.plan.Phase;
import io.sparseplan.plans.plan.Vouched;
import io.sparseplan.plans.plan.Workload;
import io.sparseplan.plans.profile.LossKind;
import io.sparseplan.plans.profile.LossStatistic;
import io.sparseplan.plans.profile.Objective;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.search.SearchRequest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What is asked of the search, on which device and workload. */
final class GoalOptions {
  /** Every prompt of a batch is simulated; beyond this a ratio no longer changes. */
  static final int MOST_BATCH = 4096;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--max-time",
      paramLabel = "R",
      description =
          "Attention time of the workload, summed over its lengths, at most R of the same kernel"
              + " run dense; or absolute, such as 12ms.")
  private Optional<String> maxTime = Optional.empty();

  @Option(
      names = "--max-time-at",
      paramLabel = "N=R",
      description =
          "Attention time at length N at most R of dense, or absolute. May be given again.")
  private Map<Integer, String> maxTimeAt = new LinkedHashMap<>();

  @Option(
      names = "--max-density",
      paramLabel = "R",
      description = "Visited tiles at most R of dense, mean over heads and lengths.")
  private Optional<Double> maxDensity = Optional.empty();

  @Option(
      names = "--max-kv",
      paramLabel = "N=R",
      description =
          "Key-value cache after a prompt of N tokens at most R of dense; or absolute, such as"
              + " 8192=2GiB, of the batch at two bytes an element. Streaming patterns keep sink and"
              + " window, others every key; query heads of a key-value head share. May be given"
              + " again.")
  private Map<Integer, String> maxKv = new LinkedHashMap<>();

  @Option(
      names = "--max-reads",
      paramLabel = "N=R",
      description =
          "What a decode step after a prompt of N tokens reads of the key-value cache, and to choose"
              + " what it reads, at most R of what dense attention reads. May be given again.")
  private Map<Integer, Double> maxReads = new LinkedHashMap<>();

  @Option(
      names = "--max-loss",
      paramLabel = "L",
      description =
          "Predicted loss at most L, in the unit of --loss, mean over the lengths; with --link, the"
              + " loss that is measured. The plan of least time is then searched for, within the"
              + " other limits.")
  private Optional<Double> maxLoss = Optional.empty();

  @Option(
      names = "--loss-over",
      paramLabel = "O",
      defaultValue = "MEAN",
      description =
          "What the loss is, of those at each length: their mean, or worst_length, the largest of"
              + " them, so that no length pays for another (default: mean).")
  private LossOver lossOver;

  @Option(
      names = "--weight",
      paramLabel = "N=W",
      description =
          "Length N counts W times in loss, time and density (default: 1). May be given again.")
  private Map<Integer, Double> weights = new LinkedHashMap<>();

  @Option(
      names = "--beyond",
      paramLabel = "B",
      defaultValue = "DENSE",
      description =
          "What heads run on prompts longer than the plan is vouched for: dense, or their patterns,"
              + " whatever those lose there (default: dense).")
  private Vouched.Beyond beyond;

  @Mixin private RuleOptions rules;

  @Mixin private DeviceOption device;

  @Mixin private TargetOption target;

  @Option(
      names = "--batch",
      paramLabel = "B",
      defaultValue = "64",
      description = "Prompts in one launch (default: ${DEFAULT-VALUE}).")
  private int batch;

  @Option(
      names = "--loss",
      paramLabel = "S",
      description =
          "What the plan loses least of: divergence, KL(dense‖plan) to second order, of profiles"
              + " with --objective kl; first-order, absolute-first-order or influence, the change"
              + " of another objective; output-error or lost-mass, that of attention alone"
              + " (default: divergence where the profile has it, else output-error).")
  private Optional<LossKind> loss = Optional.empty();

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "" + SearchRequest.DEFAULT_SEED,
      description = "Seed of the search (default: ${DEFAULT-VALUE}).")
  private long seed;

  /** The goal; checked before anything long is started. */
  Goal goal() {
    return goal(Optional.empty());
  }

  /**
   * The same.
   *
   * @param link what --max-loss is read by: the loss that is measured
   */
  Goal goal(Optional<LossLink> link) {
    List<Limit> limits = limits();
    if (limits.isEmpty() && maxLoss.isEmpty()) {
      throw new ParameterException(
          command.commandLine(),
          "No goal is given.\nMaybe add --max-time 0.5: half the attention time of dense.");
    }
    return usable(() -> new Goal(limits, aim(link), lossOver, rules.rules(runtime().rules())));
  }

  /**
   * The goal at the slow end of a curve; its limits but that on the time hold all along it. Checked
   * before anything long is started.
   */
  Goal goalOfCurve() {
    if (maxTime.isPresent() || maxLoss.isPresent()) {
      throw new ParameterException(
          command.commandLine(),
          "--pareto goes through all times and losses; %s names one.\nMaybe leave one of them out."
              .formatted(maxTime.isPresent() ? "--max-time" : "--max-loss"));
    }
    List<Limit> limits = new ArrayList<>(List.of(new Limit.MaxTime(1)));
    limits.addAll(limits());
    return usable(
        () -> new Goal(limits, new Aim.LeastLoss(), lossOver, rules.rules(runtime().rules())));
  }

  private List<Limit> limits() {
    List<Limit> limits = new ArrayList<>();
    try {
      maxTime.ifPresent(text -> limits.add(LimitParser.time(text)));
      maxTimeAt.forEach((length, text) -> limits.add(LimitParser.timeAt(Tokens.of(length), text)));
      maxKv.forEach((length, text) -> limits.add(LimitParser.kv(Tokens.of(length), text)));
      maxReads.forEach((length, ratio) -> limits.add(new Limit.MaxReads(Tokens.of(length), ratio)));
      maxDensity.ifPresent(ratio -> limits.add(new Limit.MaxDensity(ratio)));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          command.commandLine(), e.getMessage() + "\nMaybe give a ratio such as 0.5.", e);
    }
    if (batch < 1 || batch > MOST_BATCH) {
      throw new ParameterException(
          command.commandLine(),
          "--batch (%d) must be in 1..%d.\nMaybe leave it out.".formatted(batch, MOST_BATCH));
    }
    weights.forEach(
        (length, weight) -> {
          if (!(weight > 0 && Double.isFinite(weight))) {
            throw new ParameterException(
                command.commandLine(),
                "--weight %d (%s) must be positive.\nMaybe leave the length out of --lengths."
                    .formatted(length, weight));
          }
        });
    return limits;
  }

  private Aim aim(Optional<LossLink> link) {
    return maxLoss
        .map(most -> link.map(given -> given.predictedFor(most)).orElse(most))
        .<Aim>map(Aim.LeastTime::new)
        .orElseGet(Aim.LeastLoss::new);
  }

  private Goal usable(Supplier<Goal> goal) {
    try {
      return goal.get();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          command.commandLine(), e.getMessage() + "\nMaybe see --help for its form.", e);
    }
  }

  /** Whether the plan to stay close to is all that is asked for. */
  boolean isOfBaseline() {
    return limits().isEmpty() && maxLoss.isEmpty() && rules.baseline().isPresent();
  }

  /** A goal that limits nothing, with the rules that are given: to ask what a plan comes to. */
  Goal goalWithoutLimits() {
    return usable(
        () ->
            new Goal(
                List.of(new Limit.MaxTime(1e6)),
                new Aim.LeastLoss(),
                lossOver,
                rules.rules(runtime().rules())));
  }

  /** The goal that allows this and nothing else. */
  Goal goal(List<Limit> limits, Aim aim) {
    return usable(() -> new Goal(limits, aim, lossOver, rules.rules(runtime().rules())));
  }

  /** The plan to stay close to. */
  Optional<HeadPlan> baseline() {
    return rules.baseline();
  }

  /** The device table; read before anything long is started. */
  DeviceTable table() {
    return device.table();
  }

  /** The runtime; read before anything long is started. */
  AttentionRuntime runtime() {
    return target.runtime().orElse(AttentionRuntime.KERNEL_ALONE);
  }

  /** What heads run on prompts that are longer than the plan is vouched for. */
  Vouched.Beyond beyond() {
    return beyond;
  }

  /** Refuses limits and weights of lengths that are not among those of the workload. */
  void requireLimitsAmong(List<Tokens> lengths) {
    requireAmong(lengths, "--max-time-at", maxTimeAt);
    requireAmong(lengths, "--max-kv", maxKv);
    requireAmong(lengths, "--max-reads", maxReads);
    requireAmong(lengths, "--weight", weights);
  }

  private void requireAmong(List<Tokens> lengths, String option, Map<Integer, ?> given) {
    for (int length : given.keySet()) {
      if (!lengths.contains(Tokens.of(length))) {
        throw new ParameterException(
            command.commandLine(),
            "%s %d is not a length of the workload (%s).\nMaybe add it to --lengths."
                .formatted(option, length, lengths));
      }
    }
  }

  /** Refuses a link of another profile, loss or workload. */
  void requireLinked(LossLink link, Profile profile, List<Tokens> lengths) {
    link.requireFor(
        profile.model(), Calibration.of(profile, loss(profile)), workload(lengths), lossOver);
  }

  Workload workload(List<Tokens> lengths) {
    return new Workload(
        Phase.PREFILL,
        batch,
        lengths.stream()
            .map(length -> new Workload.Entry(length, weights.getOrDefault(length.count(), 1.0)))
            .toList());
  }

  long seed() {
    return seed;
  }

  /** Whether the search minimises the divergence, given a profile's objective. */
  boolean isByDivergence(Objective objective) {
    return objective == Objective.KL && loss.map(kind -> kind == LossKind.DIVERGENCE).orElse(true);
  }

  /** The loss that the search minimises. */
  LossStatistic loss(Profile profile) {
    return loss.map(kind -> kind.in(profile))
        .orElse(LossStatistic.ofWholeOutput(profile).orElse(LossStatistic.OUTPUT_ERROR));
  }
}
