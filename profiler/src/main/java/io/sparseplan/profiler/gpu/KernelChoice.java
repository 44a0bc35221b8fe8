package io.sparseplan.profiler.gpu;

import java.util.Map;

/**
 * Which kernel is wanted.
 *
 * @param source the file's name
 * @param defines the macros that it was compiled with
 */
record KernelChoice(String source, Map<String, Integer> defines) {
  KernelChoice {
    defines = Map.copyOf(defines);
  }

  boolean isOf(KernelImage image) {
    return image.source().equals(source) && image.defines().equals(defines);
  }
}
