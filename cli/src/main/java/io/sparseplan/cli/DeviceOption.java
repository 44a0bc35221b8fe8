package io.sparseplan.cli;

import io.sparseplan.costmodel.DeviceTable;
import io.sparseplan.costmodel.decode.SplitKvTable;
import io.sparseplan.plans.BadInputException;
import picocli.CommandLine.Option;

/** Which device table to price with. */
final class DeviceOption {
  @Option(
      names = "--device",
      paramLabel = "NAME|FILE",
      defaultValue = DeviceTable.DEFAULT,
      description =
          "Device table to price with: a shipped name (see: show devices) or a file (default:"
              + " ${DEFAULT-VALUE}).")
  private String device;

  /**
   * @throws io.sparseplan.plans.BadInputException if there is no such table
   */
  DeviceTable table() {
    return DeviceTable.resolve(device);
  }

  /**
   * The decode table that is named, or that of the GPU of the device table that is named.
   *
   * @throws BadInputException if there is none
   */
  SplitKvTable decodeTable() {
    if (!DeviceTable.shippedNames().contains(device)) {
      return SplitKvTable.resolve(device);
    }
    String gpu = table().gpu();
    return SplitKvTable.ofGpu(gpu)
        .orElseThrow(
            () ->
                new BadInputException(
                    "No decode kernel was measured on the GPU (%s) of the device table %s."
                        .formatted(gpu, device),
                    "name a decode table with --device: %s, or a file."
                        .formatted(String.join(", ", SplitKvTable.shippedNames()))));
  }
}
