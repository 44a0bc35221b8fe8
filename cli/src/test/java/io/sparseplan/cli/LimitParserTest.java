package io.sparseplan.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.plan.Limit;
import org.junit.jupiter.api.Test;

final class LimitParserTest {
  private static final Tokens LENGTH = Tokens.of(8192);

  @Test
  void aBareNumberIsARatio() {
    assertThat(LimitParser.time("0.5")).isEqualTo(new Limit.MaxTime(0.5));
    assertThat(LimitParser.time("5e-1")).isEqualTo(new Limit.MaxTime(0.5));
    assertThat(LimitParser.timeAt(LENGTH, ".25")).isEqualTo(new Limit.MaxTimeAt(LENGTH, 0.25));
    assertThat(LimitParser.kv(LENGTH, "1")).isEqualTo(new Limit.MaxKv(LENGTH, 1));
  }

  @Test
  void aUnitMakesItAbsolute() {
    assertThat(LimitParser.time("12ms")).isEqualTo(new Limit.MaxMillis(12));
    assertThat(LimitParser.time("1.5 s")).isEqualTo(new Limit.MaxMillis(1500));
    assertThat(LimitParser.timeAt(LENGTH, "500us")).isEqualTo(new Limit.MaxMillisAt(LENGTH, 0.5));
    assertThat(LimitParser.kv(LENGTH, "2GiB")).isEqualTo(new Limit.MaxKvBytes(LENGTH, 1L << 31));
    assertThat(LimitParser.kv(LENGTH, "1.5kB")).isEqualTo(new Limit.MaxKvBytes(LENGTH, 1500));
  }

  @Test
  void whatIsNoLimitIsRefusedByName() {
    for (String text : new String[] {"", "half", "-1", "NaN", "0", "0ms", "1e999", "12 parsecs"}) {
      assertThatThrownBy(() -> LimitParser.time(text))
          .as(text)
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> LimitParser.time("12 parsecs")).hasMessageContaining("(parsecs)");
    assertThatThrownBy(() -> LimitParser.kv(LENGTH, "12ms")).hasMessageContaining("(ms)");
  }
}
