package io.sparseplan.cli;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What {@code tune} calls its files. */
final class Outputs {
  static final String PROFILE = "model.profile";
  static final String PLAN = "plan.json";
  static final String DIGEST = "plan.digest.json";
  static final String EVALUATION = "evaluation.json";
  static final String REPORT = "report.html";
  static final String CURVE = "curve.json";

  private Outputs() {}

  /** Makes the directory where it is missing, before hours of work are done for it. */
  static void requireWritable(Path directory) throws IOException {
    Files.createDirectories(directory);
    if (!Files.isWritable(directory)) {
      throw new AccessDeniedException(directory.toString());
    }
  }

  /** Files of an earlier run would tell of another profile than the one beside them. */
  static void deleteWhatDependsOnProfile(Path directory) throws IOException {
    for (String name : new String[] {PLAN, DIGEST, EVALUATION, REPORT}) {
      Files.deleteIfExists(directory.resolve(name));
    }
    CurveFiles.delete(directory.resolve(CURVE));
  }
}
