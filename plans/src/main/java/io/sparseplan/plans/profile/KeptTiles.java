package io.sparseplan.plans.profile;

import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * The fewest tiles that hold {@value MASS_SHARE} of a head's weight in each query tile, on one
 * prompt. Prompts longer than {@value MAX_SIDE} tiles are pooled to that many bands.
 *
 * @param side query tiles, or bands
 * @param bits one bit for each (query tile i, key tile j ≤ i), at place i·(i + 1) ÷ 2 + j, the
 *     lowest bit of a byte first; bits past the last are 0
 */
public record KeptTiles(int side, byte[] bits) {
  /** The weight that the kept tiles of a query tile hold at least. */
  public static final double MASS_SHARE = 0.95;

  /** The most query tiles that are told apart. */
  public static final int MAX_SIDE = 64;

  public KeptTiles {
    if (side < 1 || side > MAX_SIDE) {
      throw new IllegalArgumentException(
          "The side (%d) of the kept tiles must be in 1..%d.".formatted(side, MAX_SIDE));
    }
    int places = place(side, 0);
    if (bits.length != Math.ceilDiv(places, Byte.SIZE)) {
      throw new IllegalArgumentException(
          "The bits of %d × %d kept tiles are %d bytes; they must be %d."
              .formatted(side, side, bits.length, Math.ceilDiv(places, Byte.SIZE)));
    }
    if (places % Byte.SIZE != 0 && (bits[bits.length - 1] & 0xff) >> places % Byte.SIZE != 0) {
      throw new IllegalArgumentException("The bits of the kept tiles go on after the last tile.");
    }
  }

  /** No tile yet: {@code keep} adds them. */
  public static KeptTiles none(int side) {
    return new KeptTiles(side, new byte[Math.ceilDiv(place(side, 0), Byte.SIZE)]);
  }

  /** Adds a tile. */
  public void keep(int queryTile, int keyTile) {
    int place = place(queryTile, keyTile);
    bits[place / Byte.SIZE] |= (byte) (1 << place % Byte.SIZE);
  }

  /** Whether the tile is kept. */
  public boolean keeps(int queryTile, int keyTile) {
    int place = place(queryTile, keyTile);
    return (bits[place / Byte.SIZE] >> place % Byte.SIZE & 1) != 0;
  }

  /** Kept tiles ÷ visible tiles, 0..1. */
  public double density() {
    int kept = 0;
    for (byte eight : bits) {
      kept += Integer.bitCount(eight & 0xff);
    }
    return (double) kept / place(side, 0);
  }

  private static int place(int queryTile, int keyTile) {
    return queryTile * (queryTile + 1) / 2 + keyTile;
  }

  /**
   * How alike the tiles of two prompts are: those kept in both ÷ those kept in either (Jaccard),
   * 0..1. A list that is frozen from some prompts fits others only where this is high.
   *
   * @param other of a prompt of the same length
   */
  public double agreement(KeptTiles other) {
    if (side != other.side) {
      throw new IllegalArgumentException(
          "Kept tiles of %d and of %d query tiles cannot be compared.".formatted(side, other.side));
    }
    int both = 0;
    int either = 0;
    for (int i = 0; i < bits.length; i++) {
      both += Integer.bitCount(bits[i] & other.bits[i] & 0xff);
      either += Integer.bitCount((bits[i] | other.bits[i]) & 0xff);
    }
    return either == 0 ? 1 : (double) both / either;
  }

  /**
   * The {@link #agreement} of each two of several prompts.
   *
   * @param prompts of one length
   */
  static DoubleStream agreements(List<KeptTiles> prompts) {
    return IntStream.range(0, prompts.size())
        .boxed()
        .flatMapToDouble(
            one ->
                prompts.subList(one + 1, prompts.size()).stream()
                    .mapToDouble(other -> prompts.get(one).agreement(other)));
  }
}
