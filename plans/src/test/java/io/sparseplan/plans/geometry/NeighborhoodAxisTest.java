package io.sparseplan.plans.geometry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NeighborhoodAxisTest {
  @Test
  void everyQuerySeesWhatTheSlowRuleSays() {
    int checked = 0;
    for (int length = 1; length <= 20; length++) {
      for (int dilation = 1; dilation <= 3; dilation++) {
        for (int window = 1; window * dilation <= length; window++) {
          for (int stride = 1; stride <= window; stride++) {
            for (Visibility visibility : Visibility.values()) {
              var axis = axis(length, window, stride, dilation, visibility);
              for (int query = 0; query < length; query++) {
                assertThat(seen(axis, query))
                    .as("%s, query %d", axis, query)
                    .isEqualTo(slowlySeen(axis, query));
                checked++;
              }
            }
          }
        }
      }
    }
    assertThat(checked).isGreaterThan(50_000);
  }

  private static List<Integer> seen(NeighborhoodAxis axis, int query) {
    return IntStream.range(0, axis.length().coordinates())
        .filter(key -> axis.sees(query, key))
        .boxed()
        .toList();
  }

  /**
   * Lists the coordinates of the query's own dilation group; the group of queries that share a
   * window chooses, of all windows of that list, the one whose middle is nearest to the leader.
   */
  private static List<Integer> slowlySeen(NeighborhoodAxis axis, int query) {
    int dilation = axis.dilation().coordinates();
    List<Integer> group = new ArrayList<>();
    for (int x = query % dilation; x < axis.length().coordinates(); x += dilation) {
      group.add(x);
    }
    int place = group.indexOf(query);
    int stride = axis.stride().queries();
    int window = axis.window().keys();
    List<Integer> sharing =
        IntStream.range(0, group.size())
            .filter(other -> other / stride == place / stride)
            .boxed()
            .toList();
    if (axis.visibility() == Visibility.CAUSAL) {
      int leader = sharing.getLast();
      return IntStream.rangeClosed(0, place)
          .filter(key -> key > leader - window)
          .mapToObj(group::get)
          .toList();
    }
    int leader = Math.min(sharing.getFirst() + stride / 2, group.size() - 1);
    int start =
        IntStream.rangeClosed(0, group.size() - window)
            .boxed()
            .min(Comparator.comparingInt(s -> Math.abs(s + window / 2 - leader)))
            .orElseThrow();
    return group.subList(start, start + window);
  }

  @Test
  void strideOneSlidesAndAFullStrideIsBlocked() {
    var sliding = axis(10, 3, 1, 1, Visibility.BIDIRECTIONAL);
    assertThat(seen(sliding, 0)).containsExactly(0, 1, 2);
    assertThat(seen(sliding, 5)).containsExactly(4, 5, 6);
    assertThat(seen(sliding, 9)).containsExactly(7, 8, 9);
    var blocked = axis(9, 3, 3, 1, Visibility.BIDIRECTIONAL);
    for (int query = 0; query < 9; query++) {
      int first = query / 3 * 3;
      assertThat(seen(blocked, query)).containsExactly(first, first + 1, first + 2);
    }
  }

  @Test
  void withoutDilationTheGroupIsTheAxis() {
    var axis = axis(10, 3, 1, 1, Visibility.BIDIRECTIONAL);
    assertThat(axis.dilationGroup(0)).isEqualTo(axis);
    assertThatThrownBy(() -> axis.dilationGroup(1)).hasMessageContaining("dilation group (1)");
  }

  @ParameterizedTest
  @CsvSource({
    "10, 11, 1, 1, at most the length (10)",
    "10, 6, 1, 2, at most the length (10)",
    "10, 3, 4, 1, at most the window (3)",
    "2147483647, 2147483647, 1, 2147483647, at most the length",
    "0, 1, 1, 1, length (0)",
    "5, 0, 1, 1, window (0)",
    "5, 1, -1, 1, stride (-1)",
    "5, 1, 1, 0, dilation (0)"
  })
  void impossibleParametersAreRefused(
      int length, int window, int stride, int dilation, String named) {
    assertThatThrownBy(() -> axis(length, window, stride, dilation, Visibility.BIDIRECTIONAL))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(named);
  }

  private static NeighborhoodAxis axis(
      int length, int window, int stride, int dilation, Visibility visibility) {
    return new NeighborhoodAxis(
        new NeighborhoodAxis.Length(length),
        new NeighborhoodAxis.Window(window),
        new NeighborhoodAxis.Stride(stride),
        new NeighborhoodAxis.Dilation(dilation),
        visibility);
  }
}
