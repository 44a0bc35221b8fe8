package io.sparseplan.plans.pattern;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.geometry.Tokens;
import java.util.Arrays;
import java.util.BitSet;

/**
 * LServe's decoding of heads that retrieve (arXiv 2502.14866, §3.5), Quest's rule (arXiv
 * 2406.10774) on finer pages: a page counts as much as the best of its parts can score by the
 * channel-wise least and greatest of their keys; the best pages and the last are read.
 *
 * <p>The query heads that read one KV head read the same pages, as a page that one of them needs is
 * loaded for all: a part's bound is the largest among them.
 *
 * @param page tokens that are read or not together
 * @param part tokens whose keys share one least and one greatest; divides the page
 * @param budget tokens that each step reads, whole pages, at least one page
 * @param reuse steps for which one choice holds, at least one
 */
public record PageTopK(
    @JsonProperty("pageTokens") Tokens page,
    @JsonProperty("partTokens") Tokens part,
    @JsonProperty("budgetTokens") Tokens budget,
    @JsonProperty("reuseSteps") int reuse)
    implements DecodePattern {
  public PageTopK {
    if (part.count() < 1 || page.count() < 1 || page.count() % part.count() != 0) {
      throw new IllegalArgumentException(
          "The partTokens (%s) must divide the pageTokens (%s).".formatted(part, page));
    }
    if (budget.count() < 1 || budget.count() % page.count() != 0) {
      throw new IllegalArgumentException(
          "The budgetTokens (%s) must be whole pages of pageTokens (%s).".formatted(budget, page));
    }
    if (reuse < 1) {
      throw new IllegalArgumentException("The reuseSteps (%d) must be positive.".formatted(reuse));
    }
  }

  /** The step, this one or one before it, whose queries choose the pages of a step. */
  public DecodeStep choosing(DecodeStep step) {
    return new DecodeStep(step.prompt(), step.query() - step.number() % reuse);
  }

  /**
   * The tokens that a step reads: the last page, and of the others those that bound the score
   * highest, as many in all as the budget, and a page begun since they were chosen; every token
   * while they fit the budget.
   *
   * @param bounds of each part of the keys at the {@link #choosing} step: Σ max(q·least,
   *     q·greatest) over the channels, the largest of the query heads; −∞ where its keys are hidden
   */
  public StepTokens read(DecodeStep step, double[] bounds) {
    int keys = step.keys().count();
    if (keys <= budget.count()) {
      return StepTokens.all(step);
    }
    int partsOfPage = page.count() / part.count();
    int last = choosing(step).query() / page.count();
    double[] ofPage = new double[last];
    Arrays.setAll(
        ofPage,
        at -> Arrays.stream(bounds, at * partsOfPage, (at + 1) * partsOfPage).max().orElseThrow());
    BitSet pages = TopTokens.of(ofPage, budget.count() / page.count() - 1);
    pages.set(last);
    pages.set(step.query() / page.count());
    var read = new BitSet(keys);
    pages.stream()
        .forEach(at -> read.set(at * page.count(), Math.min(keys, (at + 1) * page.count())));
    return StepTokens.of(read);
  }

  @Override
  public Tokens readTokens(Tokens keys) {
    return Tokens.of(Math.min(keys.count(), budget.count()));
  }

  @JsonIgnore
  @Override
  public String label() {
    return "page%s/%s:%s@%d".formatted(page, part, budget, reuse);
  }
}
