package io.sparseplan.costmodel.fit;

import io.sparseplan.costmodel.KernelConstants;

/** The constants that belong to a GPU and its driver, and not to the shape of a kernel. */
record LaunchCosts(double launchMicros, double startMicros) {
  static LaunchCosts of(KernelConstants constants) {
    return new LaunchCosts(constants.launchMicros(), constants.startMicros());
  }
}
