package io.sparseplan.cli;

import io.sparseplan.plans.curve.Curve;
import io.sparseplan.plans.file.Run;
import io.sparseplan.plans.plan.Limit;
import io.sparseplan.plans.plan.Plan;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Writes a curve and, in a directory beside it, the plan of each of its points. */
final class CurveFiles {
  private static final String PLANS_OF_CURVES = "time-*.json";

  private CurveFiles() {}

  /**
   * Writes the plans first, and deletes those of an earlier curve last: a curve never names a plan
   * that is not there.
   */
  static Curve write(List<Plan> plans, Path file, Run run) throws IOException {
    Path directory = directoryOfPlans(file);
    Files.createDirectories(directory);
    List<String> names = new ArrayList<>();
    for (Plan plan : plans) {
      String name = String.format(Locale.ROOT, "time-%.4f.json", maxTime(plan));
      plan.write(directory.resolve(name));
      names.add(directory.getFileName() + "/" + name);
    }
    Curve curve = Curve.of(plans, names, run);
    curve.write(file);
    deletePlans(directory, names);
    return curve;
  }

  /** Deletes a curve and its plans, where there are any. */
  static void delete(Path file) throws IOException {
    Files.deleteIfExists(file);
    Path directory = directoryOfPlans(file);
    if (Files.isDirectory(directory)) {
      deletePlans(directory, List.of());
    }
  }

  private static void deletePlans(Path directory, List<String> kept) throws IOException {
    try (DirectoryStream<Path> plans = Files.newDirectoryStream(directory, PLANS_OF_CURVES)) {
      for (Path plan : plans) {
        if (!kept.contains(directory.getFileName() + "/" + plan.getFileName())) {
          Files.delete(plan);
        }
      }
    }
  }

  private static Path directoryOfPlans(Path file) {
    String stem = file.getFileName().toString().replaceFirst("\\.json$", "");
    return file.resolveSibling(stem + "-plans");
  }

  private static double maxTime(Plan plan) {
    return plan.goal().limits().stream()
        .filter(Limit.MaxTime.class::isInstance)
        .mapToDouble(Limit::most)
        .min()
        .orElseThrow();
  }
}
