package io.sparseplan.plans.plan;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.sparseplan.plans.geometry.Span;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.Pattern;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What one head of a video model runs in each denoising step, as runs of steps that run the same.
 * Peers write one entry a step; in Sliding Tile Attention's plan for HunyuanVideo runs are 22 times
 * fewer.
 *
 * @param ranges from step 0 on, without gaps, neighbours with different patterns
 */
public record StepPatterns(@JsonValue List<StepRange> ranges) {
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public StepPatterns {
    ranges = List.copyOf(ranges);
    if (ranges.isEmpty()) {
      throw new IllegalArgumentException("There are no denoising steps.");
    }
    int next = 0;
    for (StepRange range : ranges) {
      if (range.steps().first() != next) {
        throw new IllegalArgumentException(
            "The range of steps from %d must start at step %d."
                .formatted(range.steps().first(), next));
      }
      next = range.steps().end();
    }
    for (int nth = 1; nth < ranges.size(); nth++) {
      if (ranges.get(nth).pattern().equals(ranges.get(nth - 1).pattern())) {
        throw new IllegalArgumentException(
            "The ranges of steps to %d and from it run the same, %s; they must be one."
                .formatted(ranges.get(nth).steps().first(), ranges.get(nth).pattern().label()));
      }
    }
  }

  /** The runs of a list of patterns, one a step. */
  public static StepPatterns ofEach(List<? extends Pattern> patternOfStep) {
    var ranges = new ArrayList<StepRange>();
    int first = 0;
    for (int end = 1; end <= patternOfStep.size(); end++) {
      Pattern pattern = patternOfStep.get(first);
      if (end == patternOfStep.size() || !patternOfStep.get(end).equals(pattern)) {
        ranges.add(new StepRange(new Span(first, end), pattern));
        first = end;
      }
    }
    return new StepPatterns(ranges);
  }

  /** One pattern, but for dense steps at the ends. */
  public static StepPatterns of(Pattern pattern, DenoisingSteps steps) {
    var patternOfStep = new ArrayList<Pattern>();
    for (int step = 0; step < steps.count(); step++) {
      patternOfStep.add(steps.isDense(step) ? new Dense() : pattern);
    }
    return ofEach(patternOfStep);
  }

  /** How many steps there are. */
  public int count() {
    return ranges.getLast().steps().end();
  }

  /**
   * What the head runs in a step.
   *
   * @param step 0..count − 1
   */
  public Pattern at(int step) {
    return ranges.stream()
        .filter(range -> step >= range.steps().first() && step < range.steps().end())
        .findFirst()
        .orElseThrow(
            () ->
                new IndexOutOfBoundsException(
                    "There are %d steps; asked for step %d.".formatted(count(), step)))
        .pattern();
  }

  /** The pattern that is not dense and runs in most steps, the first of equals; else dense. */
  public Pattern usual() {
    Map<Pattern, Integer> steps = new LinkedHashMap<>();
    for (StepRange range : ranges) {
      if (!range.pattern().equals(new Dense())) {
        steps.merge(range.pattern(), range.steps().end() - range.steps().first(), Integer::sum);
      }
    }
    Pattern usual = new Dense();
    int most = 0;
    for (Map.Entry<Pattern, Integer> each : steps.entrySet()) {
      if (each.getValue() > most) {
        usual = each.getKey();
        most = each.getValue();
      }
    }
    return usual;
  }
}
