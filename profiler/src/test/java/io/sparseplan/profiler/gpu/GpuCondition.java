package io.sparseplan.profiler.gpu;

import io.sparseplan.plans.BadInputException;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Lets tests run where a GPU can run the kernels. */
final class GpuCondition implements ExecutionCondition {
  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    try {
      return ConditionEvaluationResult.enabled(GpuSupport.required().name());
    } catch (BadInputException e) {
      String problem = e.getMessage().lines().findFirst().orElseThrow();
      if (context.getTestMethod().isEmpty()) {
        System.err.printf(
            "WARNING: GPU tests skipped (%s): %s%n", context.getDisplayName(), problem);
      }
      return ConditionEvaluationResult.disabled(problem);
    }
  }
}
