package io.sparseplan.cli;

import com.code_intelligence.jazzer.api.BugDetectors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * What Jazzer calls with its inputs. They go to the intake that the property {@value #INTAKE}
 * names, or else to the one that the first byte names, so that one run reaches all of them. That
 * one of this project's classes opens a file outside of the directory {@value #DIRECTORY} is a
 * finding.
 */
public final class FuzzTarget {
  static final String INTAKE = "sparseplan.intake";
  static final String DIRECTORY = "sparseplan.directory";

  private static List<Intake> intakes;
  private static Path directory;

  private FuzzTarget() {}

  /** The input that brings the bytes to one of the intakes. */
  static byte[] input(List<Intake> intakes, Intake intake, byte[] bytes) {
    if (intakes.size() == 1) {
      return bytes;
    }
    var input = new byte[bytes.length + 1];
    input[0] = (byte) intakes.indexOf(intake);
    System.arraycopy(bytes, 0, input, 1, bytes.length);
    return input;
  }

  public static void fuzzerInitialize() throws IOException {
    String name = System.getProperty(INTAKE, "");
    intakes = name.isEmpty() ? Intake.all() : List.of(Intake.named(name));
    directory = Path.of(System.getProperty(DIRECTORY));
    for (Intake intake : intakes) {
      Path own = Files.createDirectories(directory.resolve(intake.name()));
      intake.lay(own);
      // What the first reading loads may lie anywhere.
      intake.read(intake.seed(), own);
    }
    BugDetectors.setFilePathTraversalAllowPath(
        path -> path.toAbsolutePath().normalize().startsWith(directory));
  }

  public static void fuzzerTestOneInput(byte[] input) throws IOException {
    if (intakes.size() == 1) {
      read(intakes.getFirst(), input);
    } else if (input.length > 0) {
      read(
          intakes.get(Byte.toUnsignedInt(input[0]) % intakes.size()),
          Arrays.copyOfRange(input, 1, input.length));
    }
  }

  private static void read(Intake intake, byte[] bytes) throws IOException {
    Scrutiny.read(intake, bytes, directory.resolve(intake.name()));
  }
}
