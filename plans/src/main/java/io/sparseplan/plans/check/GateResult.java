package io.sparseplan.plans.check;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Optional;

/**
 * What a gate was asked, and what it found.
 *
 * @param expected the limit
 * @param found empty where it was not measured
 * @param values what it was found from: at each length, of each drifted head
 * @param note why it was not measured, or what to know of it
 */
public record GateResult(
    GateQuantity quantity,
    GateLevel level,
    double expected,
    Optional<Double> found,
    List<Value> values,
    Optional<String> note,
    Outcome outcome) {
  /** How a gate ended. */
  public enum Outcome {
    @JsonProperty("passed")
    PASSED,
    /** The weights are those of the plan: what was published still holds. */
    @JsonProperty("unchanged")
    UNCHANGED,
    @JsonProperty("warned")
    WARNED,
    @JsonProperty("failed")
    FAILED,
    @JsonProperty("off")
    OFF
  }

  /** One of the values that what was found comes from. */
  public record Value(String of, double value) {}

  public GateResult {
    values = List.copyOf(values);
  }

  /** Asks the gate. */
  public static GateResult of(GateQuantity quantity, Gate gate, double found, List<Value> values) {
    boolean kept = quantity.isKept(found, gate.limit());
    return new GateResult(
        quantity,
        gate.level(),
        gate.limit(),
        Optional.of(found),
        values,
        Optional.empty(),
        kept ? passed(gate) : missed(gate));
  }

  /** What should have been measured and was not fails as if it were too much. */
  public static GateResult unmeasured(GateQuantity quantity, Gate gate, String why) {
    return new GateResult(
        quantity,
        gate.level(),
        gate.limit(),
        Optional.empty(),
        List.of(),
        Optional.of(why),
        missed(gate));
  }

  /** Nothing that the gate limits can have changed. */
  public static GateResult unchanged(GateQuantity quantity, Gate gate) {
    return new GateResult(
        quantity,
        gate.level(),
        gate.limit(),
        Optional.empty(),
        List.of(),
        Optional.of("the weights are those that the plan was made from"),
        gate.level() == GateLevel.OFF ? Outcome.OFF : Outcome.UNCHANGED);
  }

  private static Outcome passed(Gate gate) {
    return gate.level() == GateLevel.OFF ? Outcome.OFF : Outcome.PASSED;
  }

  private static Outcome missed(Gate gate) {
    return switch (gate.level()) {
      case OFF -> Outcome.OFF;
      case WARN -> Outcome.WARNED;
      case ERROR -> Outcome.FAILED;
    };
  }
}
