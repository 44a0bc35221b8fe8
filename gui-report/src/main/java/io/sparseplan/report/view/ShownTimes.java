package io.sparseplan.report.view;

import java.util.List;

/**
 * Where the time of a plan goes.
 *
 * @param parts names of the parts that the time of a layer is the sum of
 * @param byPart of all layers by length, in finished text
 * @param advice sentences, what matters most first
 * @param pictures of launches; layers of equal heads share one
 */
public record ShownTimes(
    List<String> parts,
    Table byPart,
    List<String> advice,
    List<AtLength> byLength,
    List<LaunchPicture> pictures) {
  /** One length of the workload. */
  public record AtLength(int lengthTokens, List<Layer> layers) {
    public AtLength {
      layers = List.copyOf(layers);
    }
  }

  /**
   * One layer.
   *
   * @param partMicros of each of the parts
   * @param picture of its longest launch
   */
  public record Layer(List<Double> partMicros, int picture) {
    public Layer {
      partMicros = List.copyOf(partMicros);
    }
  }

  public ShownTimes {
    parts = List.copyOf(parts);
    advice = List.copyOf(advice);
    byLength = List.copyOf(byLength);
    pictures = List.copyOf(pictures);
  }
}
