package io.sparseplan.plans.geometry;

import io.sparseplan.plans.BadInputException;
import java.util.Optional;

/**
 * The tiles of self-attention over {@code length} tokens: query tile i holds tokens {@code [i·tile,
 * min((i+1)·tile, length))}, and so do key tiles. The last tile may be ragged.
 *
 * @param video what the places of tokens mean, where they are a video's
 */
public record TileGrid(
    Tokens length, TileSize tile, Visibility visibility, Optional<VideoLayout> video) {
  public TileGrid {
    if (length.count() == 0) {
      throw new IllegalArgumentException("The length (0 tokens) of a tile grid must be positive.");
    }
    TokenLayout.requireFit(visibility, video);
    if (video.isPresent() && !video.get().length().equals(length)) {
      throw new BadInputException(
          "The length (%s) is not that of the video, %s: %s tokens."
              .formatted(length, video.get(), video.get().length()),
          "a video of another shape needs a profile and a plan of its own.");
    }
  }

  /** The tiles of tokens that lie one after the other. */
  public TileGrid(Tokens length, TileSize tile, Visibility visibility) {
    this(length, tile, visibility, Optional.empty());
  }

  /** The tiles of a video. */
  public static TileGrid of(VideoLayout video, TileSize tile) {
    return TokenLayout.of(video, tile).grid(video.length());
  }

  public static TileGrid causal(Tokens length, TileSize tile) {
    return new TileGrid(length, tile, Visibility.CAUSAL);
  }

  public static TileGrid bidirectional(Tokens length, TileSize tile) {
    return new TileGrid(length, tile, Visibility.BIDIRECTIONAL);
  }

  /** The number of query tiles, which is also that of key tiles. */
  public int tiles() {
    return tile.tilesCovering(length.count());
  }

  /** The last key tile that dense attention visits for this query tile. */
  public int lastVisibleKeyTile(int queryTile) {
    return switch (visibility) {
      case CAUSAL -> queryTile;
      case BIDIRECTIONAL -> tiles() - 1;
    };
  }

  /** Whether the tile holds text beside a video: what sees and is seen by every token. */
  public boolean holdsText(int tileIndex) {
    return video.isPresent() && video.get().isText(endToken(tileIndex) - 1);
  }

  public int firstToken(int tileIndex) {
    return tileIndex * tile.tokens();
  }

  /** One past the last token of the tile: ragged at the end of the sequence. */
  public int endToken(int tileIndex) {
    return Math.min(firstToken(tileIndex) + tile.tokens(), length.count());
  }

  /** Tiles that dense attention visits: what density is measured against. */
  public long denseTiles() {
    long tiles = tiles();
    return switch (visibility) {
      case CAUSAL -> tiles * (tiles + 1) / 2;
      case BIDIRECTIONAL -> tiles * tiles;
    };
  }
}
