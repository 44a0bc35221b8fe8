package io.sparseplan.plans.pattern;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.TokenLayout;
import io.sparseplan.plans.geometry.Visibility;

/**
 * What a runtime of a peer does and this program does not run: a plan can say it, importers read it
 * and exporters write it. Whatever would have to know its tiles refuses it by name.
 */
public sealed interface DeclaredPattern extends Pattern permits ClusterTopP, HashBuckets {
  /** What its runtime chooses by, and this program does not compute; continues "it needs". */
  String needs();

  /** Those of language models; what also runs in models of video says so. */
  @Override
  default boolean fits(TokenLayout layout) {
    return layout.visibility() == Visibility.CAUSAL;
  }

  /**
   * The error where it would have to run.
   *
   * @param done what cannot be done with it, such as "priced"
   */
  default BadInputException refusal(String done) {
    return new BadInputException(
        "The pattern %s cannot be %s, only imported and exported: it needs %s."
            .formatted(label(), done, needs()),
        "choose another pattern for its heads; docs/families.md says which ones run.");
  }
}
