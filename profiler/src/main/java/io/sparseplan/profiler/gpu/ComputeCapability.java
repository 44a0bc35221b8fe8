package io.sparseplan.profiler.gpu;

/** Which instructions a GPU has: 9.0 is Hopper's. */
public record ComputeCapability(int major, int minor) implements Comparable<ComputeCapability> {
  static final ComputeCapability AMPERE = new ComputeCapability(8, 0);
  static final ComputeCapability HOPPER = new ComputeCapability(9, 0);

  @Override
  public int compareTo(ComputeCapability other) {
    return major != other.major
        ? Integer.compare(major, other.major)
        : Integer.compare(minor, other.minor);
  }

  @Override
  public String toString() {
    return major + "." + minor;
  }
}
