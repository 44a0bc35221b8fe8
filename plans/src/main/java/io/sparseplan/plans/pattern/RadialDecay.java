package io.sparseplan.plans.pattern;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.geometry.Extents;
import io.sparseplan.plans.geometry.Span;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.geometry.VideoBox;
import io.sparseplan.plans.geometry.VideoLayout;
import java.util.function.Predicate;

/**
 * A band within the frame that halves whenever the distance between the frames doubles: Radial
 * Attention (arXiv 2506.19852).
 *
 * <p>For frames d apart of n tokens each, with g the bits of d and P = 2^(bits of n): frames up to
 * 1 apart see each other whole. Others see tokens up to max(block, decay·P ÷ 2^g) apart in the
 * order row by row; and where P ÷ 2^g is below a block, only frames whose d is a multiple of ⌊block
 * ÷ (P ÷ 2^g)⌋ see each other at all.
 *
 * <p>Rounded up to whole tiles. Radial's own kernels round down instead: they drop tiles of which
 * little is seen.
 *
 * @param decay scales the band, above 0
 * @param block the tile of Radial's kernel, 128 there: no band is narrower
 * @param firstFrame whether every query also sees the first frame, as Radial has it for Wan
 */
public record RadialDecay(
    double decay, @JsonProperty("blockTokens") Tokens block, boolean firstFrame)
    implements VideoPattern {
  /** The block of Radial's kernels. */
  public static final Tokens BLOCK = Tokens.of(128);

  public RadialDecay {
    if (!(decay > 0 && Double.isFinite(decay))) {
      throw new IllegalArgumentException("The decay (%s) must be positive.".formatted(decay));
    }
    if (block.count() < 1) {
      throw new IllegalArgumentException("The blockTokens (%s) must be positive.".formatted(block));
    }
  }

  /** P ÷ 2^g. */
  private static double halved(int framesApart, Extents extents) {
    return Math.scalb(1, bits(extents.tokensOfFrame()) - bits(framesApart));
  }

  private static int bits(int value) {
    return Integer.SIZE - Integer.numberOfLeadingZeros(value);
  }

  /** Whether tokens of frames so far apart see each other at all. */
  public boolean keepsFrames(int framesApart, Extents extents) {
    double halved = halved(framesApart, extents);
    return framesApart <= 1
        || halved >= block.count()
        || framesApart % (int) (block.count() / halved) == 0;
  }

  /** How far apart in their frames tokens of such frames may be, in tokens. */
  public double reach(int framesApart, Extents extents) {
    return framesApart <= 1
        ? extents.tokensOfFrame()
        : Math.max(block.count(), decay * halved(framesApart, extents));
  }

  @Override
  public Predicate<VideoBox> seenBy(VideoLayout video, VideoBox queries) {
    return keys ->
        (firstFrame && keys.frames().first() == 0) || anyFramesSee(video.extents(), queries, keys);
  }

  private boolean anyFramesSee(Extents extents, VideoBox queries, VideoBox keys) {
    Span frames = queries.frames().minus(keys.frames());
    int nearest =
        nearestInFrame(
            queries.height().minus(keys.height()),
            queries.width().minus(keys.width()),
            extents.width());
    for (int apart = frames.nearestToZero(); apart <= frames.farthestFromZero(); apart++) {
      if (keepsFrames(apart, extents) && nearest <= reach(apart, extents)) {
        return true;
      }
    }
    return false;
  }

  private static int nearestInFrame(Span rows, Span columns, int width) {
    int nearest = Integer.MAX_VALUE;
    for (int row = rows.first(); row < rows.end(); row++) {
      int least = row * width + columns.first();
      int most = row * width + columns.last();
      nearest = Math.min(nearest, least > 0 ? least : Math.max(0, -most));
    }
    return nearest;
  }

  @Override
  public String label() {
    return "radial%s%s%s"
        .formatted(
            ElasticTokens.number(decay),
            block.equals(BLOCK) ? "" : "b" + block,
            firstFrame ? "+f0" : "");
  }
}
