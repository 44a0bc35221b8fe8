package io.sparseplan.cli;

import io.sparseplan.costmodel.DeviceTable;
import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.check.Budget;
import io.sparseplan.plans.check.CheckReport;
import io.sparseplan.plans.check.CheckReport.Verdict;
import io.sparseplan.plans.check.GateQuantity;
import io.sparseplan.plans.check.GateResult;
import io.sparseplan.plans.check.GateResult.Value;
import io.sparseplan.plans.check.HeadDrift;
import io.sparseplan.plans.check.PlanDigest;
import io.sparseplan.plans.check.PromptDigest;
import io.sparseplan.plans.file.SchemaVersion;
import io.sparseplan.plans.file.Sha256;
import io.sparseplan.plans.file.Tool;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.ModelIdentity;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.plan.HeadDecision;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.plan.Workload;
import io.sparseplan.plans.profile.FinishedPrompts;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.plans.profile.ProfileBasis;
import io.sparseplan.plans.profile.ProfiledTiles;
import io.sparseplan.profiler.ModelDirectory;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.gpu.Gpu;
import io.sparseplan.profiler.prompt.Prompt;
import io.sparseplan.profiler.prompt.PromptFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Decides whether a plan may be used with a model, the cheapest question first: are the weights
 * those of the plan; are the heads; and only then, what do the heads do, and the plan.
 *
 * @param promptFile the model's own where empty
 * @param judgedPerLength prompts of each length to evaluate on
 */
record PlanCheck(
    Plan baseline,
    Budget budget,
    ModelDirectory directory,
    DeviceTable table,
    Optional<Path> promptFile,
    int judgedPerLength) {

  /**
   * @param digest read only if the weights changed
   * @param gpu to run on, none for the CPU; looked for only then
   * @throws BadInputException if the prompts of the digest are not in the file
   */
  CheckReport run(
      Supplier<PlanDigest> digest, Supplier<Optional<Gpu>> gpu, Workers workers, WorkOptions work) {
    ModelDirectory.Opened opened = directory.openWeights();
    ModelIdentity now = opened.identity();
    var gates = new MeasuredGates(budget);
    if (now.sameWeights(baseline.model())) {
      gates.unchanged(
          GateQuantity.DRIFT,
          GateQuantity.LOSS,
          GateQuantity.KL,
          GateQuantity.ANSWERS,
          GateQuantity.CHURN);
      gates.publishedTime(baseline);
      gates.memory(baseline);
      return report(
          Verdict.UNCHANGED,
          "Config and weights are those that the plan was profiled with, in %s; no prompt was run."
              .formatted(baseline.calibration().arithmetic().text()),
          now,
          List.of(),
          gates.all(),
          work);
    }
    if (!now.sameHeads(baseline.model())) {
      return report(Verdict.RETUNE, otherHeads(now), now, List.of(), List.of(), work);
    }
    PlanDigest before = digest.get();
    List<Prompt> all =
        PromptFile.read(
            promptFile.orElse(directory.defaultPrompts()),
            directory.checkpoint(),
            directory.geometry());
    List<Prompt> probes = probes(before, all);
    List<Prompt> judged = judged(all);
    PromptOptions.requireFit(Stream.concat(probes.stream(), judged.stream()).toList(), directory);
    PlacedModel placed = PlacedModel.of(gpu.get(), opened, workers);
    Plan plan = baseline.forModel(now);
    Profile profile = profile(placed, before, probes, work);
    List<HeadDrift> drifts = HeadDrift.between(before, PlanDigest.of(plan, profile));
    drift(drifts, gates);
    gates.time(plan, table, new ProfiledTiles(profile));
    gates.memory(plan);
    gates.quality(Stages.evaluate(placed, plan, judged, work));
    gates.unchanged(GateQuantity.CHURN);
    String rounding =
        before.arithmetic() == placed.arithmetic()
            ? ""
            : " Drift is against %s, in %s: what rounding changes is in it."
                .formatted(before.arithmetic().text(), placed.arithmetic().text());
    List<GateResult> results = gates.all();
    return CheckReport.firstFailed(results)
        .map(
            failed ->
                report(
                    Verdict.GATE_FAILED,
                    "The weights changed, and the gate %s is not kept."
                            .formatted(failed.quantity().title())
                        + rounding,
                    now,
                    drifts,
                    results,
                    work))
        .orElseGet(
            () ->
                report(
                    Verdict.VALID,
                    "The weights changed; the plan keeps to every gate that fails a run."
                        + rounding,
                    now,
                    drifts,
                    results,
                    work));
  }

  private String otherHeads(ModelIdentity now) {
    ModelIdentity was = baseline.model();
    return "The plan is for %s; the model has %s: no head of the plan is one of the model's."
        .formatted(heads(was), heads(now));
  }

  private static String heads(ModelIdentity model) {
    return "%d layers of %d query heads on %d key-value heads of %d, %d groups of sliding layers"
        .formatted(
            model.layers().count(),
            model.attention().queryHeads().count(),
            model.attention().kvHeads().count(),
            model.attention().headDim().count(),
            model.slidingLayers().size());
  }

  /** The prompts of the digest, in its order. */
  private List<Prompt> probes(PlanDigest before, List<Prompt> all) {
    Map<Sha256, Prompt> byHash = new HashMap<>();
    all.forEach(prompt -> byHash.putIfAbsent(prompt.hash(), prompt));
    List<Prompt> found = new ArrayList<>();
    for (PromptDigest wanted : before.prompts()) {
      Prompt prompt = byHash.get(wanted.prompt());
      if (prompt == null) {
        throw new BadInputException(
            "The prompt %s of %s tokens, on which the plan's heads were recorded, is not among the %d prompts of the file (%s)."
                .formatted(
                    wanted.prompt().abbreviated(),
                    wanted.length(),
                    all.size(),
                    promptFile.orElse(directory.defaultPrompts())),
            "name the file that the plan was made with; if it holds text, the tokenizer changed:"
                + " tune again.");
      }
      found.add(prompt);
    }
    return found;
  }

  /** Held-out prompts of each length of the workload, or where there are none, any. */
  private List<Prompt> judged(List<Prompt> all) {
    Set<Sha256> used = new HashSet<>(baseline.calibration().promptSet().members());
    var judged = new ArrayList<Prompt>();
    for (Workload.Entry entry : baseline.workload().lengths()) {
      Tokens length = entry.length();
      List<Prompt> ofLength =
          all.stream().filter(prompt -> prompt.length().equals(length)).toList();
      List<Prompt> heldOut =
          ofLength.stream().filter(prompt -> !used.contains(prompt.hash())).toList();
      (heldOut.isEmpty() ? ofLength : heldOut).stream().limit(judgedPerLength).forEach(judged::add);
    }
    return judged;
  }

  /** Scores the plan's own patterns alone, on the digest's prompts. */
  private Profile profile(
      PlacedModel placed, PlanDigest before, List<Prompt> probes, WorkOptions work) {
    List<Pattern> candidates =
        Stream.concat(Stream.of(new Dense()), baseline.heads().stream().map(HeadDecision::prefill))
            .distinct()
            .toList();
    var basis =
        new ProfileBasis(
                Tool.THIS,
                placed.identity(),
                baseline.layout().tile(),
                before.objective(),
                candidates)
            .in(placed.arithmetic());
    return Stages.profile(placed, basis, probes, FinishedPrompts.NONE, work);
  }

  private List<HeadDrift> drifted(List<HeadDrift> drifts) {
    return drifts.stream()
        .filter(budget.headDrift()::isExceededBy)
        .sorted(Comparator.comparingDouble(HeadDrift::moved).reversed())
        .toList();
  }

  private void drift(List<HeadDrift> drifts, MeasuredGates gates) {
    List<HeadDrift> drifted = drifted(drifts);
    gates.ask(
        GateQuantity.DRIFT,
        drifted.size() / (double) drifts.size(),
        drifted.stream().map(head -> new Value(head.id().toString(), head.moved())).toList());
  }

  private CheckReport report(
      Verdict verdict,
      String reason,
      ModelIdentity now,
      List<HeadDrift> drifts,
      List<GateResult> results,
      WorkOptions work) {
    return new CheckReport(
        SchemaVersion.CURRENT,
        Tool.THIS,
        verdict == Verdict.UNCHANGED && CheckReport.firstFailed(results).isPresent()
            ? Verdict.GATE_FAILED
            : verdict,
        reason,
        baseline.model(),
        now,
        drifted(drifts),
        drifts,
        results,
        work.run().get());
  }
}
