package io.sparseplan.plans.check;

import com.fasterxml.jackson.annotation.JsonCreator;
import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.file.SchemaVersion;
import java.nio.file.Path;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * What a plan may cost and lose when its model changes: a small file that people keep beside the
 * plan.
 *
 * @param headDrift when a head counts as drifted
 * @param gates a quantity that is not named has no gate
 */
public record Budget(
    SchemaVersion schemaVersion, DriftLimits headDrift, Map<GateQuantity, Gate> gates) {
  /** Gates nothing. */
  public static final Budget NONE =
      new Budget(SchemaVersion.CURRENT, DriftLimits.DEFAULT, Map.of());

  @JsonCreator
  public Budget {
    var ordered = new EnumMap<GateQuantity, Gate>(GateQuantity.class);
    ordered.putAll(gates);
    gates = Collections.unmodifiableMap(ordered);
  }

  /**
   * @throws BadInputException if the file is missing or is no budget
   */
  public static Budget read(Path file) {
    return JsonFile.read(file, Budget.class, "budget");
  }
}
