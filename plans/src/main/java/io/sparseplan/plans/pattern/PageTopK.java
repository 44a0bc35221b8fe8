package io.sparseplan.plans.pattern;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.geometry.Tokens;

/**
 * LServe's decoding of heads that retrieve (arXiv 2502.14866, §3.5), Quest's rule (arXiv
 * 2406.10774) on finer pages: a page counts as much as the best of its parts can score by the
 * channel-wise least and greatest of their keys; the best pages and the last are read.
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
    implements DeclaredPattern {
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

  @Override
  public String needs() {
    return "the channel-wise least and greatest keys of each page";
  }

  @JsonIgnore
  @Override
  public String label() {
    return "page%s/%s:%s@%d".formatted(page, part, budget, reuse);
  }
}
