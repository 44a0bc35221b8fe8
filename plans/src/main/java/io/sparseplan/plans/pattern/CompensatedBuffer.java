package io.sparseplan.plans.pattern;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.geometry.Tokens;

/**
 * RazorAttention's cache of a head that does not retrieve (arXiv 2407.15891, §3.3): a sink, the
 * last max(least, β·N) tokens, and one token that stands for all that were dropped, the mean of
 * their keys and values.
 *
 * @param sink tokens at the start
 * @param least of the buffer, in tokens
 * @param beta the buffer's share of the length, 0..1
 */
public record CompensatedBuffer(
    @JsonProperty("sinkTokens") Tokens sink,
    @JsonProperty("leastTokens") Tokens least,
    @JsonProperty("beta") double beta)
    implements DeclaredPattern {
  public CompensatedBuffer {
    ElasticTokens.requireShare("beta", beta);
  }

  @Override
  public String needs() {
    return "a token of averaged keys and values, which stands for the dropped ones";
  }

  @JsonIgnore
  @Override
  public String label() {
    return "s%s+max(%s,%sN)+mean".formatted(sink, least, ElasticTokens.number(beta));
  }
}
