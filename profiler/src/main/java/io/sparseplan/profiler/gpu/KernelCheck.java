package io.sparseplan.profiler.gpu;

import io.sparseplan.plans.BadInputException;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether the shipped kernels load on a GPU.
 *
 * @param loaded images that the driver took
 * @param problems of the others, a sentence each
 */
public record KernelCheck(int loaded, List<String> problems) {
  public KernelCheck {
    problems = List.copyOf(problems);
  }

  /** Loads every image that is for this GPU. */
  public static KernelCheck of(Gpu gpu) {
    int loaded = 0;
    var problems = new ArrayList<String>();
    try (GpuSession session = GpuSession.open(gpu)) {
      for (KernelImage image : session.images()) {
        if (!image.target().runsOn(gpu.capability())) {
          continue;
        }
        try (KernelModule module = session.load(image)) {
          loaded++;
        } catch (BadInputException e) {
          problems.add(e.getMessage());
        }
      }
    } catch (BadInputException e) {
      problems.add(e.getMessage());
    }
    return new KernelCheck(loaded, problems);
  }
}
