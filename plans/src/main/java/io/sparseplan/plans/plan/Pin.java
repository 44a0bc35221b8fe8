package io.sparseplan.plans.plan;

/**
 * Heads whose candidate is given and not searched for.
 *
 * @param candidate the label of a candidate of the profile, such as {@code dense}
 */
public record Pin(HeadSelector heads, String candidate) {
  /**
   * @throws IllegalArgumentException if the text is not such as {@code L3.H5=dense}
   */
  public static Pin parse(String text) {
    int equals = text.indexOf('=');
    if (equals < 0 || equals == text.length() - 1) {
      throw new IllegalArgumentException(
          "The pin (%s) is not heads=candidate, such as L3.H5=dense.".formatted(text));
    }
    return new Pin(HeadSelector.parse(text.substring(0, equals)), text.substring(equals + 1));
  }

  @Override
  public String toString() {
    return heads + "=" + candidate;
  }
}
