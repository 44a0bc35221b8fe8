package io.sparseplan.cli;

import io.sparseplan.costmodel.DeviceTable;
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
}
