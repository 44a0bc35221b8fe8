package io.sparseplan.plans.profile;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.pattern.SelectedPattern;

/** How many tiles selected patterns visit: what geometry does not tell. */
@FunctionalInterface
public interface SelectedTiles {
  /** Where nothing was counted: every question is refused. */
  SelectedTiles NONE =
      (place, pattern, length) -> {
        throw new BadInputException(
            "The pattern %s picks its tiles by the scores of each prompt; how many is not known."
                .formatted(pattern.label()),
            "name the profile that counted them.");
      };

  /**
   * Visited key tiles of each query tile.
   *
   * @param place the head's place in layer-major order
   * @throws BadInputException if the pattern was not scored, or not at this length
   */
  int[] visited(int place, SelectedPattern pattern, Tokens length);
}
