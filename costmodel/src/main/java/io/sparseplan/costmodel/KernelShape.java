package io.sparseplan.costmodel;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Visibility;
import io.sparseplan.plans.model.HeadDim;
import java.util.List;
import java.util.Optional;

/**
 * The constants of a kernel for one head_dim and tile, of both visibilities.
 *
 * @param error over the measured launches of every visibility
 * @param evidence by visibility, at least one
 * @param intervals how well the constants are known, where that was found out
 */
public record KernelShape(
    HeadDim headDim,
    @JsonProperty("tileTokens") TileSize tile,
    KernelConstants constants,
    RelativeError error,
    List<FitEvidence> evidence,
    Optional<ConstantIntervals> intervals) {
  public KernelShape {
    evidence = List.copyOf(evidence);
    if (evidence.isEmpty()) {
      throw new IllegalArgumentException(
          "The kernel shape (head_dim %d, tile %d) has no evidence."
              .formatted(headDim.count(), tile.tokens()));
    }
  }

  /** With constants that nobody knows how well they are known. */
  public KernelShape(
      HeadDim headDim,
      TileSize tile,
      KernelConstants constants,
      RelativeError error,
      List<FitEvidence> evidence) {
    this(headDim, tile, constants, error, evidence, Optional.empty());
  }

  /** The same with intervals. */
  public KernelShape withIntervals(Optional<ConstantIntervals> found) {
    return new KernelShape(headDim, tile, constants, error, evidence, found);
  }

  /** The same with the constants of one visibility alone. */
  KernelShape compiledFor(Visibility visibility) {
    return new KernelShape(
        headDim, tile, constants.compiledFor(visibility), error, evidence, intervals);
  }

  /** The evidence for one visibility, if it was measured. */
  public Optional<FitEvidence> evidenceFor(Visibility visibility) {
    return evidence.stream().filter(e -> e.visibility() == visibility).findFirst();
  }
}
