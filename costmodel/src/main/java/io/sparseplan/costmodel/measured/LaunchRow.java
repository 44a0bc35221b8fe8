package io.sparseplan.costmodel.measured;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A launch as a line of a rows file gives it, with what a clock said where it was measured.
 *
 * @param line of the file, from 1
 * @param visitedTiles {@link Launch#visitedTiles()}
 * @param kernel the block-sparse kernel that ran, or would
 * @param measuredMillis its median time, positive
 * @param sdpaMillis median time of PyTorch's own dense kernel on the same tensors, positive
 */
public record LaunchRow(
    int line,
    Launch launch,
    List<int[]> visitedTiles,
    Optional<String> gpu,
    Optional<String> kernel,
    Optional<Double> measuredMillis,
    Optional<Double> sdpaMillis) {
  public LaunchRow {
    visitedTiles = List.copyOf(visitedTiles);
  }

  /** The GPU's name, for tables. */
  public String gpuName() {
    return gpu.orElse("unnamed GPU");
  }

  /** Key tiles visited over all heads of one prompt. */
  public long tiles() {
    return visitedTiles.stream().mapToLong(head -> Arrays.stream(head).asLongStream().sum()).sum();
  }
}
