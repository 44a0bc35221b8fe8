package io.sparseplan.costmodel.decode;

import io.sparseplan.plans.geometry.Tokens;
import java.util.Optional;

/**
 * A decode step as a line of a rows file gives it, with what a clock said where it was measured.
 *
 * @param line of the file, from 1
 * @param keyLength keys of each sequence
 * @param kernel the split-KV kernel that ran, or would
 * @param measuredMillis its median time, positive
 */
public record DecodeRow(
    int line,
    SplitKvLaunch launch,
    Tokens keyLength,
    Optional<String> gpu,
    Optional<String> kernel,
    Optional<Double> measuredMillis) {
  /** The GPU's name, for tables. */
  public String gpuName() {
    return gpu.orElse("unnamed GPU");
  }
}
