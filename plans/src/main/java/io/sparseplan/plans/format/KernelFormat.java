package io.sparseplan.plans.format;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.plan.HeadPlan;

/**
 * What a kernel is given for prompts of one length, as safetensors: the prefill patterns in tiles,
 * each layer within its own reach. A plan cannot be read back from it.
 */
public non-sealed interface KernelFormat extends Format {
  @Override
  default String loses() {
    return "patterns, decoding and all other lengths: it is for one length, and not read back";
  }

  /**
   * The tensors of every layer.
   *
   * @throws BadInputException if a head picks its tiles on each prompt, or the kernel cannot run
   *     the plan's tiles or patterns
   */
  Exported write(HeadPlan plan, Tokens length);
}
