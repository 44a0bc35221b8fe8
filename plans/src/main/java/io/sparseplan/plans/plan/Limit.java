package io.sparseplan.plans.plan;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.sparseplan.plans.geometry.Tokens;

/** One thing that a plan must keep to, as a ratio to dense attention or absolute. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Limit.MaxTime.class, name = "max_time"),
  @JsonSubTypes.Type(value = Limit.MaxTimeAt.class, name = "max_time_at"),
  @JsonSubTypes.Type(value = Limit.MaxMillis.class, name = "max_millis"),
  @JsonSubTypes.Type(value = Limit.MaxMillisAt.class, name = "max_millis_at"),
  @JsonSubTypes.Type(value = Limit.MaxDensity.class, name = "max_density"),
  @JsonSubTypes.Type(value = Limit.MaxKv.class, name = "max_kv"),
  @JsonSubTypes.Type(value = Limit.MaxKvBytes.class, name = "max_kv_bytes"),
  @JsonSubTypes.Type(value = Limit.MaxReads.class, name = "max_reads")
})
public sealed interface Limit {
  /** How much it allows, in its own unit. */
  double most();

  /** The attention time of the whole workload ÷ that of the same kernel run dense. */
  record MaxTime(double ratio) implements Limit {
    public MaxTime {
      requirePositive("ratio", ratio);
    }

    @Override
    public double most() {
      return ratio;
    }
  }

  /** The attention time at one length ÷ that of the same kernel run dense. */
  record MaxTimeAt(@JsonProperty("lengthTokens") Tokens length, double ratio) implements Limit {
    public MaxTimeAt {
      requirePositive("ratio", ratio);
    }

    @Override
    public double most() {
      return ratio;
    }
  }

  /** The attention time of the whole workload. */
  record MaxMillis(double millis) implements Limit {
    public MaxMillis {
      requirePositive("millis", millis);
    }

    @Override
    public double most() {
      return millis;
    }
  }

  /** The attention time at one length. */
  record MaxMillisAt(@JsonProperty("lengthTokens") Tokens length, double millis) implements Limit {
    public MaxMillisAt {
      requirePositive("millis", millis);
    }

    @Override
    public double most() {
      return millis;
    }
  }

  /** Visited tiles ÷ dense tiles, mean over the heads and the lengths of the workload. */
  record MaxDensity(double ratio) implements Limit {
    public MaxDensity {
      requirePositive("ratio", ratio);
    }

    @Override
    public double most() {
      return ratio;
    }
  }

  /** The key-value cache after a prompt of one length ÷ that of dense attention. */
  record MaxKv(@JsonProperty("lengthTokens") Tokens length, double ratio) implements Limit {
    public MaxKv {
      requirePositive("ratio", ratio);
    }

    @Override
    public double most() {
      return ratio;
    }
  }

  /**
   * The key-value cache after the prompts of one length.
   *
   * @param bytes of all layers and all prompts of the batch, at two bytes an element
   */
  record MaxKvBytes(@JsonProperty("lengthTokens") Tokens length, long bytes) implements Limit {
    public MaxKvBytes {
      requirePositive("bytes", bytes);
    }

    @Override
    public double most() {
      return bytes;
    }
  }

  /**
   * What a step of decoding after a prompt of one length reads of the key-value cache, and reads
   * and writes to choose that, ÷ what dense attention reads; in bytes.
   */
  record MaxReads(@JsonProperty("lengthTokens") Tokens length, double ratio) implements Limit {
    public MaxReads {
      requirePositive("ratio", ratio);
    }

    @Override
    public double most() {
      return ratio;
    }
  }

  private static void requirePositive(String name, double most) {
    if (!(most > 0 && Double.isFinite(most))) {
      throw new IllegalArgumentException("The %s (%s) must be positive.".formatted(name, most));
    }
  }
}
