package io.sparseplan.profiler.attention;

import io.sparseplan.plans.pattern.DecodePattern;
import io.sparseplan.plans.pattern.DecodeStep;
import io.sparseplan.plans.pattern.TokensOfLayer;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/** The tokens that heads of some layers choose for those of later ones, on one prompt. */
public final class EarlierChoices {
  private final Set<TokensOfLayer> wanted;
  private final Map<Choice, BitSet> chosen = new ConcurrentHashMap<>();

  private record Choice(TokensOfLayer rule, int head, int query) {}

  /**
   * @param rules what heads read, of any kind
   */
  public EarlierChoices(Collection<? extends DecodePattern> rules) {
    wanted =
        rules.stream()
            .filter(TokensOfLayer.class::isInstance)
            .map(TokensOfLayer.class::cast)
            .collect(Collectors.toUnmodifiableSet());
  }

  /** Whether heads of the layer choose. */
  public boolean areMadeIn(int layer) {
    return wanted.stream().anyMatch(rule -> rule.chosenIn().value() == layer);
  }

  /** Whether any layer chooses. */
  public boolean isEmpty() {
    return wanted.isEmpty();
  }

  /**
   * Keeps what a head chooses.
   *
   * @param rows loaded with the head
   */
  public void choose(int layer, int head, DecodeHead rows, List<DecodeStep> steps) {
    for (TokensOfLayer rule : wanted) {
      if (rule.chosenIn().value() == layer) {
        for (DecodeStep step : steps) {
          chosen.put(new Choice(rule, head, step.query()), rule.choose(rows.scores(step)));
        }
      }
    }
  }

  /** What an earlier layer than this one chose for a step, if the rule reads that. */
  public Optional<BitSet> of(DecodePattern rule, int layer, int head, DecodeStep step) {
    return rule instanceof TokensOfLayer reader && reader.chosenIn().value() < layer
        ? Optional.of(chosen.get(new Choice(reader, head, step.query())))
        : Optional.empty();
  }
}
