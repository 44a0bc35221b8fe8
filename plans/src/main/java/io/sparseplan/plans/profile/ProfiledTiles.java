package io.sparseplan.plans.profile;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.pattern.SelectedPattern;
import java.util.List;

/**
 * The tiles that selected patterns visited on the prompts of a profile: for each query tile the
 * mean over the prompts of the length, rounded up to whole tiles. One list of counts stands for all
 * prompts, so that prices add up and bounds on them hold as for fixed patterns; rounding up puts on
 * less than one tile a query tile.
 */
public final class ProfiledTiles implements SelectedTiles {
  private final Profile profile;
  private final List<SelectedPattern> selected;

  public ProfiledTiles(Profile profile) {
    this.profile = profile;
    this.selected =
        profile.candidates().stream()
            .filter(SelectedPattern.class::isInstance)
            .map(SelectedPattern.class::cast)
            .toList();
  }

  @Override
  public int[] visited(int place, SelectedPattern pattern, Tokens length) {
    int nth = selected.indexOf(pattern);
    if (nth < 0) {
      throw new BadInputException(
          "The profile did not score the pattern %s.".formatted(pattern.label()),
          "take the profile that the plan was made from.");
    }
    List<PromptStatistics> prompts = profile.promptsOf(length);
    if (prompts.isEmpty()) {
      throw new BadInputException(
          "The length (%s) is out of range for the pattern %s: it picks its tiles by the scores of each prompt, and was profiled at lengths %s."
              .formatted(length, pattern.label(), profile.lengths()),
          "choose one of those lengths, or profile with --lengths that hold this one.");
    }
    TileGrid grid = profile.layout().grid(length);
    int[] sums = new int[grid.tiles()];
    for (PromptStatistics prompt : prompts) {
      int[] counts = prompt.heads().get(place).visited().of(grid, nth);
      for (int queryTile = 0; queryTile < sums.length; queryTile++) {
        sums[queryTile] += counts[queryTile];
      }
    }
    for (int queryTile = 0; queryTile < sums.length; queryTile++) {
      sums[queryTile] = Math.ceilDiv(sums[queryTile], prompts.size());
    }
    return sums;
  }

  /** Visited tiles ÷ tiles that dense attention visits, of the counts above, 0..1. */
  public double density(int place, SelectedPattern pattern, Tokens length) {
    int[] visited = visited(place, pattern, length);
    TileGrid grid = profile.layout().grid(length);
    double sum = 0;
    for (int count : visited) {
      sum += count;
    }
    return sum / grid.denseTiles();
  }
}
