package io.sparseplan.costmodel;

/**
 * What stands in for measurements in the table of a GPU that nobody measured.
 *
 * @param scaledFrom name of the measured table
 * @param measured peaks of the GPU of that table
 * @param scaledTo peaks of this GPU
 */
public record NotMeasured(String scaledFrom, PublishedPeaks measured, PublishedPeaks scaledTo) {
  /** What every use of the table must say. */
  public String warning() {
    return ("Not measured on this GPU: the times of %s are those of the table %s (%s), scaled by"
            + " the published peaks of both GPUs. Their error is not known.")
        .formatted(scaledTo.gpu(), scaledFrom, measured.gpu());
  }
}
