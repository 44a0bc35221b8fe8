package io.sparseplan.profiler.gpu;

import jcuda.driver.CUdeviceptr;

/** An address in a GPU's memory, also as a number: JCuda hides it, and tensor maps hold it. */
final class DeviceAddress extends CUdeviceptr {
  long value() {
    return getNativePointer() + getByteOffset();
  }
}
