package io.sparseplan.plans.check;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.file.Run;
import io.sparseplan.plans.file.SchemaVersion;
import io.sparseplan.plans.file.Tool;
import io.sparseplan.plans.model.ModelIdentity;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Whether a published plan may go on to be used with a model.
 *
 * @param reason one sentence
 * @param before the model that the plan was made for
 * @param now the model that was checked
 * @param drifted the heads that attend otherwise, the furthest first
 * @param heads every head's drift, in layer-major order; empty where nothing was profiled
 * @param gates those of the budget
 */
public record CheckReport(
    SchemaVersion schemaVersion,
    Tool tool,
    Verdict verdict,
    String reason,
    ModelIdentity before,
    ModelIdentity now,
    List<HeadDrift> drifted,
    List<HeadDrift> heads,
    List<GateResult> gates,
    Run run) {
  /** What is to be done. */
  public enum Verdict {
    /** Config and weights are those of the plan. */
    @JsonProperty("unchanged")
    UNCHANGED,
    /** The model changed; the plan keeps to every gate that fails a run. */
    @JsonProperty("valid")
    VALID,
    /** A gate failed. */
    @JsonProperty("gate-failed")
    GATE_FAILED,
    /** The plan's heads are not those of the model. */
    @JsonProperty("retune")
    RETUNE
  }

  public CheckReport {
    drifted = List.copyOf(drifted);
    heads = List.copyOf(heads);
    gates = List.copyOf(gates);
  }

  /** Whether the plan may be used. */
  public boolean mayBeUsed() {
    return verdict == Verdict.UNCHANGED || verdict == Verdict.VALID;
  }

  /** The gate that fails, of several the first. */
  public static Optional<GateResult> firstFailed(List<GateResult> gates) {
    return gates.stream().filter(gate -> gate.outcome() == GateResult.Outcome.FAILED).findFirst();
  }

  public void write(Path file) throws IOException {
    JsonFile.write(file, this);
  }
}
