package io.sparseplan.plans.geometry;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.List;

/**
 * A video's tokens, and text, in the order in which they are cut into tiles.
 *
 * <p>The video is cut into blocks, and lies block by block, blocks and the tokens of a block frame
 * by frame and each frame row by row; blocks at the far ends are smaller where the extents are no
 * multiples. Text comes last. A block of the tile's size makes each tile a box, as Sliding Tile
 * Attention (arXiv 2502.04507) and NATTEN permute tokens; a block of the whole video is the order
 * frame by frame, and one of all frames of one token is Sparse VideoGen's order for temporal heads.
 *
 * @param extents of the video
 * @param text tokens after it
 * @param block at most the extents
 */
public record VideoLayout(Extents extents, @JsonProperty("textTokens") Tokens text, Extents block) {
  /** NATTEN's block of 128 tokens. */
  public static final Extents USUAL_BLOCK = new Extents(2, 8, 8);

  /** The text is a prompt. */
  private static final int MOST_TEXT = 1 << 24;

  public VideoLayout {
    for (Axis axis : Axis.values()) {
      if (block.along(axis) > extents.along(axis)) {
        throw new IllegalArgumentException(
            "The block (%s) must be at most the video (%s) on every axis."
                .formatted(block.text(), extents.text()));
      }
    }
    if (text.count() > MOST_TEXT) {
      throw new IllegalArgumentException(
          "The text beside the video (%s tokens) must be at most %d tokens."
              .formatted(text, MOST_TEXT));
    }
  }

  /** Tokens of video and text. */
  public Tokens length() {
    return Tokens.of(extents.tokens() + text.count());
  }

  /** Whether the token at this place of the order is text. */
  public boolean isText(int place) {
    return place >= extents.tokens();
  }

  /**
   * The video token at this place of the order.
   *
   * @param place less than the tokens of the video
   */
  public VideoPlace at(int place) {
    int rest = place;
    int frames = extents.frames();
    int thick = block.frames();
    int slab = rest / (thick * extents.tokensOfFrame());
    rest -= slab * thick * extents.tokensOfFrame();
    int framesHere = Math.min(thick, frames - slab * thick);
    int tall = block.height();
    int band = rest / (framesHere * tall * extents.width());
    rest -= band * framesHere * tall * extents.width();
    int rowsHere = Math.min(tall, extents.height() - band * tall);
    int wide = block.width();
    int nth = rest / (framesHere * rowsHere * wide);
    rest -= nth * framesHere * rowsHere * wide;
    int columnsHere = Math.min(wide, extents.width() - nth * wide);
    return new VideoPlace(
        slab * thick + rest / (rowsHere * columnsHere),
        band * tall + rest / columnsHere % rowsHere,
        nth * wide + rest % columnsHere);
  }

  /** Where the token lies in the order frame by frame and row by row, which captures have. */
  public int frameMajor(VideoPlace token) {
    return token.frame() * extents.tokensOfFrame() + token.row() * extents.width() + token.column();
  }

  /**
   * The video tokens at the places {@code first..end − 1} as disjoint boxes; text is left out.
   *
   * <p>A run of places is whole blocks and pieces of two, and a run within a block is at most five
   * boxes: the rest of a row, of a frame, whole frames, whole rows, the start of a row.
   */
  public List<VideoBox> boxes(int first, int end) {
    var boxes = new ArrayList<VideoBox>();
    int from = first;
    int videoEnd = Math.min(end, extents.tokens());
    while (from < videoEnd) {
      VideoPlace place = at(from);
      Span frames = blockSpan(place, Axis.FRAMES);
      Span rows = blockSpan(place, Axis.HEIGHT);
      Span columns = blockSpan(place, Axis.WIDTH);
      int width = columns.end() - columns.first();
      int area = width * (rows.end() - rows.first());
      int left = videoEnd - from;
      boolean rowStart = place.column() == columns.first();
      boolean frameStart = rowStart && place.row() == rows.first();
      Span ofFrames = new Span(place.frame(), place.frame() + 1);
      Span ofRows = new Span(place.row(), place.row() + 1);
      if (frameStart && left >= area) {
        int count = Math.min(left / area, frames.end() - place.frame());
        boxes.add(new VideoBox(new Span(place.frame(), place.frame() + count), rows, columns));
        from += count * area;
      } else if (rowStart && left >= width) {
        int count = Math.min(left / width, rows.end() - place.row());
        boxes.add(new VideoBox(ofFrames, new Span(place.row(), place.row() + count), columns));
        from += count * width;
      } else {
        int count = Math.min(left, columns.end() - place.column());
        boxes.add(new VideoBox(ofFrames, ofRows, new Span(place.column(), place.column() + count)));
        from += count;
      }
    }
    return List.copyOf(boxes);
  }

  private Span blockSpan(VideoPlace place, Axis axis) {
    int side = block.along(axis);
    int first = place.along(axis) / side * side;
    return new Span(first, Math.min(first + side, extents.along(axis)));
  }

  /** Such as {@code 18x24x24+64 in blocks of 2x8x8}. */
  @Override
  public String toString() {
    return "%s+%s in blocks of %s".formatted(extents.text(), text, block.text());
  }
}
