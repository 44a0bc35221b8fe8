package io.sparseplan.costmodel.decode;

/**
 * What a decode step costs on one GPU, whatever the shape of its heads.
 *
 * @param multiprocessors of the GPU
 * @param launchMicros both launches of a step, before the first block and after the last
 * @param mergeMicros merging one chunk of a query head's output; heads are merged at the same time,
 *     so the head with most chunks decides
 * @param bytesPerMicro what memory gives at most
 */
public record SplitKvConstants(
    int multiprocessors, double launchMicros, double mergeMicros, double bytesPerMicro) {
  public SplitKvConstants {
    if (multiprocessors < 1) {
      throw new IllegalArgumentException(
          "The multiprocessors (%d) must be positive.".formatted(multiprocessors));
    }
    Positive.require("launchMicros", launchMicros);
    Positive.require("mergeMicros", mergeMicros);
    Positive.require("bytesPerMicro", bytesPerMicro);
  }
}
