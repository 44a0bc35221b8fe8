package io.sparseplan.plans.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.plans.geometry.Tokens;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class AttentionReachTest {
  /** transformers' rule: key ≤ query and key > query − window. */
  @ParameterizedTest
  @CsvSource({"1, 1", "5, 1", "5, 2", "5, 5", "5, 6", "40, 7", "3, 2147483647"})
  void aWindowShowsTheLastKeysTheQuerysOwnAmongThem(int tokens, int window) {
    var reach = new AttentionReach.SlidingWindow(Tokens.of(window));
    double pairs = 0;
    for (int query = 0; query < tokens; query++) {
      for (int key = 0; key <= query; key++) {
        assertThat(key >= reach.firstKey(query)).isEqualTo(key > (long) query - window);
        pairs += key >= reach.firstKey(query) ? 1 : 0;
      }
    }
    assertThat(reach.pairs(tokens)).isEqualTo(pairs);
    if (window >= tokens) {
      assertThat(new AttentionReach.Everything().pairs(tokens)).isEqualTo(pairs);
    }
  }
}
