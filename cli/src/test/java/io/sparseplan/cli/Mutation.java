package io.sparseplan.cli;

import java.util.Arrays;
import java.util.Random;

/** Damage as disks, transfers and hands do it: flipped bits, lost ends, parts in other places. */
final class Mutation {
  private final Random random;

  Mutation(long seed) {
    random = new Random(seed);
  }

  /**
   * @param bytes at least one
   * @return another file, about as long
   */
  byte[] of(byte[] bytes) {
    byte[] changed = bytes.clone();
    switch (random.nextInt(4)) {
      case 0 -> flipBits(changed);
      case 1 -> changed = Arrays.copyOf(changed, random.nextInt(changed.length));
      case 2 -> splice(changed);
      default -> replaceDigits(changed);
    }
    return changed;
  }

  private void flipBits(byte[] bytes) {
    for (int flips = 1 + random.nextInt(8); flips > 0; flips--) {
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
    }
  }

  /** A part of the file over another. */
  private void splice(byte[] bytes) {
    int length = 1 + random.nextInt(Math.min(64, bytes.length));
    int from = random.nextInt(bytes.length - length + 1);
    int to = random.nextInt(bytes.length - length + 1);
    System.arraycopy(bytes, from, bytes, to, length);
  }

  /** Numbers become others, such as sizes that the file does not have. */
  private void replaceDigits(byte[] bytes) {
    int start = random.nextInt(bytes.length);
    int replaced = 0;
    for (int n = 0; n < bytes.length && replaced < 3; n++) {
      int at = (start + n) % bytes.length;
      if (bytes[at] >= '0' && bytes[at] <= '9') {
        bytes[at] = (byte) (random.nextBoolean() ? '9' : '-');
        replaced++;
      }
    }
  }
}
