package io.sparseplan.plans.plan;

import io.sparseplan.plans.file.Sha256;
import java.util.Locale;

/**
 * Whose times the plan was priced with.
 *
 * @param name the device table's name, such as {@code h100-flex-attention}
 * @param sha256 hash of the table's canonical JSON
 * @param runtime the runtime that the times are of, such as {@code flex-attention}, or {@code
 *     kernel-alone}
 * @param meanErrorPercent mean |predicted − measured| ÷ measured of the table on the rows that it
 *     was fitted to, for the kernel shape that was used
 * @param notMeasured the GPU was not measured: the table, and the error, are of another GPU, and
 *     the times were scaled by published peaks
 */
public record DeviceIdentity(
    String name,
    Sha256 sha256,
    String gpu,
    String kernel,
    String runtime,
    double meanErrorPercent,
    boolean notMeasured) {
  /** The error of the times, in words. */
  public String errorLabel() {
    return notMeasured
        ? "not measured on this GPU"
        : String.format(Locale.ROOT, "mean error %.1f %%", meanErrorPercent);
  }
}
