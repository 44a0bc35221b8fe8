package io.sparseplan.plans.pattern;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileLists;
import io.sparseplan.plans.geometry.TokenLayout;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.geometry.VideoLayout;
import java.util.SplittableRandom;
import java.util.function.IntPredicate;

/**
 * The better of a {@link VideoBand} in either order, chosen in each step: Sparse VideoGen (arXiv
 * 2502.01776, §3.3). Its runtime computes some rows of exact attention and takes the band whose
 * output is nearer to it in the mean square; the one frame by frame where they are equal.
 *
 * <p>Of L tokens, C of them text, a band of density D reaches L·(1 − √(1 − D′)) tokens, where D′ =
 * D − 2·C ÷ L; at least none. Rows are drawn with replacement among the first of the video frame by
 * frame. What a band's output is compared by are its whole tiles, which is what would run.
 *
 * @param density the share of all pairs that a band has with the text beside it, above 0 and up to
 *     1
 * @param sampledRows how many rows it looks at, at least one
 * @param firstRows it draws them from so many rows at the start, at least one
 * @param firstFrame whether every query also sees the first frame, as for Wan
 * @param seed of the draw
 */
public record SampledBand(
    @JsonProperty("density") double density,
    @JsonProperty("sampledRows") int sampledRows,
    @JsonProperty("firstRows") int firstRows,
    @JsonProperty("firstFrame") boolean firstFrame,
    @JsonProperty("seed") long seed)
    implements SelectedPattern {
  public SampledBand {
    if (!(density > 0 && density <= 1)) {
      throw new IllegalArgumentException(
          "The density (%s) must be above 0 and up to 1.".formatted(density));
    }
    if (sampledRows < 1 || firstRows < 1) {
      throw new IllegalArgumentException(
          "The sampledRows (%d) and the firstRows (%d) must be positive."
              .formatted(sampledRows, firstRows));
    }
  }

  @Override
  public boolean fits(TokenLayout layout) {
    return layout.video().isPresent();
  }

  /** The tiles of the better band. */
  public TileLists select(HeadVectors head) {
    TileGrid grid = head.grid();
    VideoLayout video =
        grid.video()
            .orElseThrow(
                () ->
                    new BadInputException(
                        "The bands of %s are of a video; %s tokens lie one after the other."
                            .formatted(label(), grid.length()),
                        "take the pattern for a plan of a video model."));
    TileLists spatial = band(VideoBand.Order.FRAME_MAJOR, video).on(grid);
    TileLists temporal = band(VideoBand.Order.PLACE_MAJOR, video).on(grid);
    int[] placeOf = new int[video.extents().tokens()];
    for (int place = 0; place < placeOf.length; place++) {
      placeOf[video.frameMajor(video.at(place))] = place;
    }
    var random = new SplittableRandom(seed);
    double moreOfSpatial = 0;
    for (int nth = 0; nth < sampledRows; nth++) {
      int query = placeOf[random.nextInt(Math.min(firstRows, placeOf.length))];
      double[] exact = output(head, query, key -> true);
      moreOfSpatial +=
          distance(exact, output(head, query, key -> visits(spatial, query, key)))
              - distance(exact, output(head, query, key -> visits(temporal, query, key)));
    }
    return moreOfSpatial > 0 ? temporal : spatial;
  }

  /** One of the two that it chooses from. */
  VideoBand band(VideoBand.Order order, VideoLayout video) {
    double length = video.length().count();
    double share = Math.max(0, density - 2 * video.text().count() / length);
    return new VideoBand(order, Tokens.of((int) (length * (1 - Math.sqrt(1 - share)))), firstFrame);
  }

  private static boolean visits(TileLists lists, int query, int key) {
    int tile = lists.grid().tile().tokens();
    return lists.visits(query / tile, key / tile);
  }

  private static double[] output(HeadVectors head, int query, IntPredicate seen) {
    double[] output = new double[head.values()[query].length];
    double max = Double.NEGATIVE_INFINITY;
    double sum = 0;
    for (int key = 0; key < head.keys().length; key++) {
      if (seen.test(key)) {
        double score = head.score(query, key);
        double shrink = Math.exp(max - Math.max(max, score));
        max = Math.max(max, score);
        double weight = Math.exp(score - max);
        sum = sum * shrink + weight;
        for (int d = 0; d < output.length; d++) {
          output[d] = output[d] * shrink + weight * head.values()[key][d];
        }
      }
    }
    for (int d = 0; d < output.length; d++) {
      output[d] /= sum;
    }
    return output;
  }

  private static double distance(double[] a, double[] b) {
    double sum = 0;
    for (int d = 0; d < a.length; d++) {
      sum += (a[d] - b[d]) * (a[d] - b[d]);
    }
    return sum;
  }

  @JsonIgnore
  @Override
  public String label() {
    return "svg%s:%d/%d%s%s"
        .formatted(
            ElasticTokens.number(density),
            sampledRows,
            firstRows,
            firstFrame ? "+f0" : "",
            seed == 0 ? "" : "#" + seed);
  }
}
