package io.sparseplan.report.view;

import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.file.Sha256;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.pattern.DecodePattern;
import io.sparseplan.plans.pattern.FixedPattern;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.pattern.SelectedPattern;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.plan.Workload;
import io.sparseplan.plans.profile.HeadStatistics;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.plans.profile.ProfiledLoss;
import io.sparseplan.plans.profile.ProfiledTiles;
import io.sparseplan.plans.profile.PromptStatistics;
import io.sparseplan.plans.profile.TraitSummary;
import io.sparseplan.report.source.PlanDevice;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Boils a profile down to what the page shows of lengths, candidates and heads. */
final class HeadViews implements HeadSource {
  private static final int PERMILLE = 1000;

  private final Plan plan;
  private final Profile profile;
  private final PromptMeans prompts;
  private final LengthMeans lengths;
  private final Map<Tokens, Bands> bands = new TreeMap<>();
  private final List<PromptStatistics> workloadPrompts;
  private final ProfiledTiles selectedTiles;
  private final double[] densities;
  private final Optional<CandidateTimes> times;

  /**
   * @param device what the plan was priced with, for what candidates take
   */
  HeadViews(Plan plan, Profile profile, Optional<PlanDevice> device) {
    this.plan = plan;
    this.profile = profile;
    prompts = new PromptMeans(profile);
    lengths = new LengthMeans(plan.workload());
    for (Tokens length : profile.lengths()) {
      TileGrid grid = grid(length);
      int side = prompts.mapSide(length);
      int pooled = Math.min(HeadStatistics.MAX_BLOCK_MASS_SIDE, grid.tiles());
      bands.put(length, new Bands(grid, side == 0 ? pooled : side));
    }
    workloadPrompts =
        plan.workload().lengths().stream()
            .flatMap(entry -> profile.promptsOf(entry.length()).stream())
            .toList();
    selectedTiles = new ProfiledTiles(profile);
    densities =
        profile.candidates().stream()
            .mapToDouble(
                pattern ->
                    IntStream.range(
                            0, !(pattern instanceof SelectedPattern) ? 1 : plan.heads().size())
                        .mapToDouble(place -> density(pattern, place))
                        .average()
                        .orElseThrow())
            .toArray();
    times = CandidateTimes.of(plan, profile, device);
  }

  private double density(Pattern pattern, int place) {
    return lengths.of(
        length ->
            switch (pattern) {
              case FixedPattern fixed -> fixed.on(grid(length)).density();
              case SelectedPattern selected -> selectedTiles.density(place, selected, length);
              case DecodePattern decode -> densityOf(decode, length);
            });
  }

  /** Of prompts, which are read dense; of steps of decoding the share of the keys that is read. */
  private double densityOf(DecodePattern rule, Tokens length) {
    return switch (plan.workload().phase()) {
      case PREFILL -> 1;
      case DECODE -> rule.readTokens(length).count() / (double) length.count();
    };
  }

  /** The densities of the candidates in one head: those of selected ones are its own. */
  private double[] densitiesOf(int place) {
    double[] ofHead = densities.clone();
    for (int candidate = 0; candidate < ofHead.length; candidate++) {
      if (profile.candidates().get(candidate) instanceof SelectedPattern selected) {
        ofHead[candidate] = density(selected, place);
      }
    }
    return ofHead;
  }

  /** What the candidates take in one head, or where that is not known, their densities. */
  private double[] costsOf(int place) {
    return times
        .map(
            known ->
                IntStream.range(0, densities.length)
                    .mapToDouble(candidate -> known.micros(place, candidate))
                    .toArray())
        .orElseGet(() -> densitiesOf(place));
  }

  /** Where tiles differ from prompt to prompt there is no one map of them. */
  private CellMap tiles(Pattern pattern, Tokens length) {
    return switch (pattern) {
      case FixedPattern fixed -> CellMap.ofTiles(bands.get(length), fixed.on(grid(length)));
      case SelectedPattern _, DecodePattern _ -> CellMap.notMeasured();
    };
  }

  @Override
  public List<ShownLength> lengths() {
    return profile.lengths().stream()
        .map(
            length ->
                new ShownLength(
                    length.count(),
                    plan.workload().lengths().stream()
                        .filter(entry -> entry.length().equals(length))
                        .mapToDouble(Workload.Entry::weight)
                        .sum(),
                    bands.get(length).edgesTokens(),
                    profile.promptsOf(length).stream()
                        .map(PromptStatistics::prompt)
                        .map(Sha256::abbreviated)
                        .toList()))
        .toList();
  }

  @Override
  public List<ShownCandidate> candidates() {
    return IntStream.range(0, densities.length)
        .mapToObj(
            place -> {
              Pattern pattern = profile.candidates().get(place);
              return new ShownCandidate(
                  pattern.label(),
                  JsonFile.mapper().valueToTree(pattern).get("kind").asString(),
                  OptionalDouble.of(NumberText.rounded(densities[place])),
                  profile.lengths().stream().map(length -> tiles(pattern, length)).toList());
            })
        .toList();
  }

  @Override
  public List<ShownHead> heads() {
    var losses = new ProfiledLoss(profile, plan.calibration().statistic());
    return IntStream.range(0, plan.heads().size()).mapToObj(place -> head(place, losses)).toList();
  }

  private ShownHead head(int place, ProfiledLoss losses) {
    int chosen = profile.candidates().indexOf(plan.heads().get(place).prefill());
    double[] loss = lengths.ofEach(densities.length, length -> losses.ofHead(length, place));
    double[] recall = lengths.ofEach(densities.length, length -> prompts.recall(length, place));
    var onPrompts = new ArrayList<HeadStatistics>();
    profile.lengths().forEach(length -> onPrompts.addAll(prompts.ofHead(length, place)));
    return new ShownHead(
        chosen,
        OptionalDouble.of(NumberText.rounded(recall[chosen])),
        OptionalDouble.of(
            NumberText.rounded(
                lengths.of(length -> prompts.mean(length, place, HeadStatistics::sinkMass)))),
        OptionalDouble.of(
            NumberText.rounded(
                lengths.of(length -> prompts.mean(length, place, HeadStatistics::entropyBits)))),
        retrieval(place),
        Frontier.of(costsOf(place), loss, chosen).stream()
            .map(
                candidate ->
                    new ShownHead.Considered(
                        candidate,
                        NumberText.rounded(loss[candidate]),
                        NumberText.rounded(recall[candidate]),
                        timeMicros(place, candidate)))
            .toList(),
        onPrompts.stream().map(prompt -> permille(prompt.recall()[chosen])).toList(),
        onPrompts.stream().map(prompt -> permille(prompt.worstDecileRecall()[chosen])).toList(),
        profile.lengths().stream().map(length -> mass(length, place)).toList());
  }

  private OptionalDouble timeMicros(int place, int candidate) {
    return times
        .map(known -> OptionalDouble.of(NumberText.rounded(known.micros(place, candidate))))
        .orElse(OptionalDouble.empty());
  }

  private OptionalDouble retrieval(int place) {
    return TraitSummary.retrieval(workloadPrompts, place)
        .map(score -> OptionalDouble.of(NumberText.rounded(score)))
        .orElse(OptionalDouble.empty());
  }

  private CellMap mass(Tokens length, int place) {
    double[] shares = prompts.mass(length, place);
    return shares.length == 0 ? CellMap.notMeasured() : CellMap.ofMass(bands.get(length), shares);
  }

  private TileGrid grid(Tokens length) {
    return plan.layout().grid(length);
  }

  private static int permille(float share) {
    return Math.clamp(Math.round((double) share * PERMILLE), 0, PERMILLE);
  }
}
