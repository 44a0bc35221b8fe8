package io.sparseplan.plans.format;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.Tokens;
import java.util.Optional;

/**
 * What a user decides where a file does not.
 *
 * @param sparsity the share of heads that become sparse, lowest scores first, 0..1
 * @param sink tokens at the start that a sparse head sees
 * @param recent tokens before the query that a sparse head sees
 * @param heavy what Double Sparsity's runtime is told on its command line
 * @param stride which of XAttention's tables, where a file has several
 */
public record ImportOptions(
    Optional<Double> sparsity,
    Optional<Tokens> sink,
    Optional<Tokens> recent,
    Optional<Heavy> heavy,
    Optional<Integer> stride) {
  /** Nothing decided. */
  public static final ImportOptions NONE =
      new ImportOptions(
          Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

  /** Which projection's channels are ranked. */
  public enum Projection {
    Q("q_proj"),
    K("k_proj"),
    QK("qk_proj");

    private final String module;

    Projection(String module) {
      this.module = module;
    }

    String module() {
      return module;
    }
  }

  /**
   * Double Sparsity's choices.
   *
   * @param channels of each head that tokens are scored on
   * @param tokens that each step reads
   */
  public record Heavy(Projection projection, int channels, Tokens tokens) {}

  public ImportOptions {
    sparsity.ifPresent(
        share -> {
          if (!(share >= 0 && share <= 1)) {
            throw new BadInputException(
                "The sparsity (%s) must be in 0..1.".formatted(share), "give 0.5.");
          }
        });
  }

  public ImportOptions withSparsity(double share) {
    return new ImportOptions(Optional.of(share), sink, recent, heavy, stride);
  }

  public ImportOptions withSpan(Tokens sinkTokens, Tokens recentTokens) {
    return new ImportOptions(
        sparsity, Optional.of(sinkTokens), Optional.of(recentTokens), heavy, stride);
  }

  public ImportOptions withHeavy(Heavy chosen) {
    return new ImportOptions(sparsity, sink, recent, Optional.of(chosen), stride);
  }

  public ImportOptions withStride(int tokens) {
    return new ImportOptions(sparsity, sink, recent, heavy, Optional.of(tokens));
  }
}
