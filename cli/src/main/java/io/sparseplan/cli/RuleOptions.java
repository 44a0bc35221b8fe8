package io.sparseplan.cli;

import io.sparseplan.plans.file.Sha256;
import io.sparseplan.plans.model.HeadAxis;
import io.sparseplan.plans.plan.Churn;
import io.sparseplan.plans.plan.DenseEnds;
import io.sparseplan.plans.plan.HeadPlan;
import io.sparseplan.plans.plan.MaxPatterns;
import io.sparseplan.plans.plan.Pin;
import io.sparseplan.plans.plan.Rules;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What a plan must keep to, whatever it costs: what the runtime takes and what is given. */
final class RuleOptions {
  private static final String NONE = "none";

  /** What shares one pattern. */
  enum Granularity {
    Q_HEAD,
    KV_HEAD
  }

  /** Where a model begins and ends. */
  enum End {
    FIRST,
    LAST
  }

  @Option(
      names = "--granularity",
      paramLabel = "A",
      description =
          "q_head: a pattern for each query head; or kv_head: one for all query heads that read a"
              + " key-value head (default: that of --target, else q_head).")
  private Optional<Granularity> granularity = Optional.empty();

  @Option(
      names = "--max-patterns-per-layer",
      paramLabel = "K",
      description =
          "Different patterns that a layer may run: a number, or none for no limit (default: that"
              + " of --target, else none).")
  private Optional<String> maxPatterns = Optional.empty();

  @Option(
      names = "--pin",
      paramLabel = "HEADS=C",
      description =
          "Gives heads a candidate: L3.H5=dense; L3=C for a layer; *.H5=C for a head of every"
              + " layer. May be given again. See: show candidates.")
  private List<String> pins = new ArrayList<>();

  @Option(
      names = "--dense-layers",
      paramLabel = "END=K",
      split = ",",
      description = "Layers at the ends that stay dense, such as first=1,last=1.")
  private Map<End, Integer> denseLayers = new EnumMap<>(End.class);

  @Option(
      names = "--from",
      paramLabel = "PLAN",
      description =
          "A plan of the model, an imported one too: heads keep what it has unless a change pays. With"
              + " search it is a goal by itself: no more time than that plan, and less loss.")
  private Optional<Path> from = Optional.empty();

  @Option(
      names = "--max-churn",
      paramLabel = "R",
      description = "Share of heads, 0..1, that may run another pattern than in --from.")
  private Optional<Double> maxChurn = Optional.empty();

  /**
   * @param ofTarget what the runtime asks for, where no option says otherwise
   * @throws IllegalArgumentException if an option has no such value
   */
  Rules rules(Rules ofTarget) {
    return new Rules(
        granularity
            .map(
                given ->
                    switch (given) {
                      case Q_HEAD -> HeadAxis.QUERY_HEAD;
                      case KV_HEAD -> HeadAxis.KV_HEAD;
                    })
            .orElse(ofTarget.granularity()),
        pins.stream().map(Pin::parse).toList(),
        new DenseEnds(
            new DenseEnds.First(denseLayers.getOrDefault(End.FIRST, 0)),
            new DenseEnds.Last(denseLayers.getOrDefault(End.LAST, 0))),
        maxPatterns.isPresent() ? mostPatterns(maxPatterns.get()) : ofTarget.maxPatternsPerLayer(),
        churn());
  }

  private static Optional<MaxPatterns> mostPatterns(String text) {
    if (text.equalsIgnoreCase(NONE)) {
      return Optional.empty();
    }
    try {
      return Optional.of(new MaxPatterns(Integer.parseInt(text)));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "--max-patterns-per-layer (%s) is neither a number nor none.".formatted(text), e);
    }
  }

  private Optional<Churn> churn() {
    if (from.isEmpty() && maxChurn.isPresent()) {
      throw new IllegalArgumentException(
          "--max-churn (%s) needs the plan that changes are counted against: --from PLAN."
              .formatted(maxChurn.get()));
    }
    return baseline().isEmpty()
        ? Optional.empty()
        : Optional.of(new Churn(hash(from.orElseThrow()), maxChurn.orElse(1.0)));
  }

  /** The plan of {@code --from}, of either kind. */
  Optional<HeadPlan> baseline() {
    return from.map(HeadPlan::read);
  }

  private static Sha256 hash(Path plan) {
    try {
      return Sha256.ofFile(plan);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
