package io.sparseplan.cli;

import java.nio.charset.StandardCharsets;
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
   * @return another file, about as long; perhaps the same
   */
  byte[] of(byte[] bytes) {
    byte[] changed = bytes.clone();
    switch (random.nextInt(5)) {
      case 0 -> flipBits(changed);
      case 1 -> changed = Arrays.copyOf(changed, random.nextInt(changed.length));
      case 2 -> splice(changed);
      case 3 -> changed = grown(changed);
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

  /** A number becomes a large one, such as a count of what is not there. */
  private byte[] grown(byte[] bytes) {
    int start = random.nextInt(bytes.length);
    for (int n = 0; n < bytes.length; n++) {
      int at = (start + n) % bytes.length;
      if (bytes[at] >= '0' && bytes[at] <= '9') {
        byte[] digits = "9".repeat(1 + random.nextInt(12)).getBytes(StandardCharsets.US_ASCII);
        var grown = new byte[bytes.length + digits.length];
        System.arraycopy(bytes, 0, grown, 0, at + 1);
        System.arraycopy(digits, 0, grown, at + 1, digits.length);
        System.arraycopy(bytes, at + 1, grown, at + 1 + digits.length, bytes.length - at - 1);
        return grown;
      }
    }
    return bytes;
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
