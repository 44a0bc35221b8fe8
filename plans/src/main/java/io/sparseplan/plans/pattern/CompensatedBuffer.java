package io.sparseplan.plans.pattern;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.geometry.Tokens;
import java.util.BitSet;

/**
 * RazorAttention's cache of a head that does not retrieve (arXiv 2407.15891, §3.3): a sink, the
 * last max(least, β·N) tokens of the N so far, and one token that stands for all that were dropped:
 * the mean of their rotated keys and of their values, with their number as its weight.
 *
 * @param sink tokens at the start
 * @param least of the buffer, in tokens
 * @param beta the buffer's share of the length, 0..1
 */
public record CompensatedBuffer(
    @JsonProperty("sinkTokens") Tokens sink,
    @JsonProperty("leastTokens") Tokens least,
    @JsonProperty("beta") double beta)
    implements DecodePattern {
  public CompensatedBuffer {
    ElasticTokens.requireShare("beta", beta);
  }

  /** The last tokens that are kept of so many. */
  public Tokens buffer(Tokens keys) {
    long share = (long) Math.ceil(beta * keys.count());
    return Tokens.of((int) Math.min(keys.count(), Math.max(least.count(), share)));
  }

  /** What a step reads, and what one token stands for. */
  public StepTokens read(DecodeStep step) {
    int keys = step.keys().count();
    int first = Math.min(keys, sink.count());
    int recent = Math.max(first, keys - buffer(step.keys()).count());
    var read = new BitSet(keys);
    read.set(0, first);
    read.set(recent, keys);
    var merged = new BitSet(keys);
    merged.set(first, recent);
    return new StepTokens(read, merged);
  }

  @Override
  public Tokens readTokens(Tokens keys) {
    return Tokens.of(Math.min(keys.count(), sink.count() + buffer(keys).count() + 1));
  }

  @JsonIgnore
  @Override
  public String label() {
    return "s%s+max(%s,%sN)+mean".formatted(sink, least, ElasticTokens.number(beta));
  }
}
