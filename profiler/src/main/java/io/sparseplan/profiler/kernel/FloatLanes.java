package io.sparseplan.profiler.kernel;

import java.util.List;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The vectors that every kernel computes with: as wide as those of the CPU, or as wide as the
 * system property {@code sparseplan.vector.bits} says: 64, 128, 256 or 512. A width that the CPU
 * does not have is computed lane by lane, slowly.
 *
 * <p>Results must not depend on the width. What is computed lane by lane does not, as long as what
 * is left over at the end of a row is left over at every width: rows are cut at {@link #bound}, a
 * multiple of the widest vector. Sums over lanes are taken as {@link LaneSum} says.
 */
public final class FloatLanes {
  private static final String BITS = "sparseplan.vector.bits";
  private static final List<Integer> WIDTHS = List.of(64, 128, 256, 512);

  /** Floats of the widest vector that there is. */
  public static final int WIDEST = 512 / Float.SIZE;

  /** The vectors. */
  public static final VectorSpecies<Float> SPECIES = chosen();

  private FloatLanes() {}

  private static VectorSpecies<Float> chosen() {
    if (System.getProperty(BITS) == null) {
      return FloatVector.SPECIES_PREFERRED;
    }
    int bits = Integer.getInteger(BITS, 0);
    if (!WIDTHS.contains(bits)) {
      throw new IllegalArgumentException(
          "The property %s (%s) must be one of %s."
              .formatted(BITS, System.getProperty(BITS), WIDTHS));
    }
    return VectorSpecies.of(float.class, VectorShape.forBitSize(bits));
  }

  /** Where the vectors of a row end, so that what is left over is the same at every width. */
  public static int bound(int length) {
    return length - length % WIDEST;
  }
}
