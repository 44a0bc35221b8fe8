package io.sparseplan.profiler.gpu;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.file.Sha256;
import java.util.Map;

/**
 * What the compiler made of one source.
 *
 * @param name of the image, unique
 * @param source the file's name
 * @param headerSha256s of every header that it reads, by name
 * @param defines the macros that the source was compiled with
 * @param bytes of the image
 * @param sha256 of the image
 */
public record KernelImage(
    String name,
    String source,
    Sha256 sourceSha256,
    Map<String, Sha256> headerSha256s,
    Map<String, Integer> defines,
    Target target,
    int bytes,
    Sha256 sha256) {
  /** What an image runs on. */
  public enum Target {
    /** PTX, which the driver compiles for any GPU from Ampere on. */
    @JsonProperty("compute_80")
    COMPUTE_80,
    /** Machine code of Hopper, with instructions that no other GPU has. */
    @JsonProperty("sm_90a")
    SM_90A;

    /** Whether a GPU of this capability can load it. */
    public boolean runsOn(ComputeCapability capability) {
      return switch (this) {
        case COMPUTE_80 -> capability.compareTo(ComputeCapability.AMPERE) >= 0;
        case SM_90A -> capability.equals(ComputeCapability.HOPPER);
      };
    }
  }

  public KernelImage {
    headerSha256s = Map.copyOf(headerSha256s);
    defines = Map.copyOf(defines);
  }
}
