package io.sparseplan.report.view;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The plan among others: how much loss buys how much time.
 *
 * @param dense the kernel that times are ratios to
 * @param points the plan itself first, then the curve by ascending time, then the baselines
 * @param limits of the goal that are lines in this picture
 * @param compared whether baselines were given, and {@code swept} whether a curve was
 * @param curve a row for each point of the curve, in finished text
 * @param withoutPlan baselines that found no plan, and why, a sentence each
 * @param baselines in finished text
 * @param patterns that plans of the curve run
 */
public record ShownTradeOff(
    String dense,
    List<Point> points,
    List<LimitLine> limits,
    boolean compared,
    boolean swept,
    Table curve,
    List<String> withoutPlan,
    Table baselines,
    List<CurvePattern> patterns) {
  /** What a point is. */
  public enum Kind {
    @JsonProperty("plan")
    PLAN,
    @JsonProperty("curve")
    CURVE,
    @JsonProperty("baseline")
    BASELINE
  }

  /**
   * One plan.
   *
   * @param timeRatio to the dense kernel
   * @param lossBound no plan within that plan's limits has less
   * @param plan what there is to see of it, for points of the curve
   */
  public record Point(
      Kind kind,
      String label,
      double timeRatio,
      double loss,
      OptionalDouble lossBound,
      Optional<CurvePlan> plan) {}

  /**
   * A plan of the curve.
   *
   * @param figures in finished text, the limit first
   * @param chosen what each head runs, in layer-major order, an index into the patterns
   * @param changed heads that run another pattern than in the plan of this page
   */
  public record CurvePlan(List<Figure> figures, List<Integer> chosen, int changed) {
    public CurvePlan {
      figures = List.copyOf(figures);
      chosen = List.copyOf(chosen);
    }
  }

  /**
   * A pattern of the curve's plans.
   *
   * @param density mean over the lengths of the workload; empty where it is not known
   */
  public record CurvePattern(String label, String kind, OptionalDouble density) {}

  /** A limit on the time ratio, or on the loss. */
  public record LimitLine(String label, Axis axis, double at) {}

  /** What is limited. */
  public enum Axis {
    @JsonProperty("time")
    TIME,
    @JsonProperty("loss")
    LOSS
  }

  public ShownTradeOff {
    points = List.copyOf(points);
    limits = List.copyOf(limits);
    withoutPlan = List.copyOf(withoutPlan);
    patterns = List.copyOf(patterns);
  }
}
