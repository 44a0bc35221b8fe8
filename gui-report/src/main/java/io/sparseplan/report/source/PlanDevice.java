package io.sparseplan.report.source;

import io.sparseplan.costmodel.DeviceTable;
import io.sparseplan.costmodel.runtime.AttentionRuntime;
import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.plan.Plan;
import java.util.Optional;

/** The device table and the runtime that a plan was priced with. */
public record PlanDevice(DeviceTable table, AttentionRuntime runtime) {
  /** Those that the plan names, where they come with the program and are still the same. */
  public static Optional<PlanDevice> shipped(Plan plan) {
    String name = plan.device().name();
    return DeviceTable.shippedNames().contains(name)
        ? runtime(plan)
            .map(runtime -> new PlanDevice(DeviceTable.resolve(name), runtime))
            .filter(device -> device.table.sha256().equals(plan.device().sha256()))
        : Optional.empty();
  }

  private static Optional<AttentionRuntime> runtime(Plan plan) {
    String name = plan.device().runtime();
    if (name.equals(AttentionRuntime.KERNEL_ALONE.name())) {
      return Optional.of(AttentionRuntime.KERNEL_ALONE);
    }
    return AttentionRuntime.shippedNames().contains(name)
        ? Optional.of(AttentionRuntime.resolve(name))
        : Optional.empty();
  }

  /**
   * @throws BadInputException if the plan was priced with another table or for another runtime
   */
  public void requireOf(Plan plan) {
    if (!table.sha256().equals(plan.device().sha256())) {
      throw new BadInputException(
          "The device table %s (%s) is not the one that the plan was priced with: %s (%s)."
              .formatted(
                  table.name(),
                  table.sha256().abbreviated(),
                  plan.device().name(),
                  plan.device().sha256().abbreviated()),
          "give the table that the search was given.");
    }
    if (!runtime.name().equals(plan.device().runtime())) {
      throw new BadInputException(
          "The runtime %s is not the one that the plan was priced for: %s."
              .formatted(runtime.name(), plan.device().runtime()),
          "give the runtime that the search was given.");
    }
  }
}
