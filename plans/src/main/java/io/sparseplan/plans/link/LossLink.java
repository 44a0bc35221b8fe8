package io.sparseplan.plans.link;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.evaluation.Measured;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.file.Run;
import io.sparseplan.plans.file.SchemaVersion;
import io.sparseplan.plans.file.Tool;
import io.sparseplan.plans.model.ModelIdentity;
import io.sparseplan.plans.plan.Calibration;
import io.sparseplan.plans.plan.LossOver;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.plan.Workload;
import io.sparseplan.plans.profile.PromptSet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * From the loss that a search predicts to the loss that is measured, for one model.
 *
 * <p>A prediction is a sum over heads: it ranks plans, and comes out wrong by a factor that grows
 * as heads stand in for each other. Over the plans of one model that factor follows the prediction
 * itself, so a few plans that were run say what others of that model will lose: {@link PowerLaw}
 * through them. How far to trust it is told by each of them, left out and estimated from the rest.
 * Outside of the losses that were measured nothing is estimated.
 *
 * @param calibration what the losses of all its plans were predicted from
 * @param lengths of the workload that they are losses over, ascending
 * @param lossOver what they are, of those at each length
 * @param measuredOn the prompts that the plans ran on
 * @param heldOut whether none of those was profiled
 * @param points at least {@value #FEWEST_POINTS}, by ascending prediction
 * @param law through the points
 */
public record LossLink(
    SchemaVersion schemaVersion,
    Tool tool,
    ModelIdentity model,
    Calibration calibration,
    List<Workload.Entry> lengths,
    LossOver lossOver,
    PromptSet measuredOn,
    boolean heldOut,
    List<LinkPoint> points,
    PowerLaw law,
    Run run) {
  /** With fewer, none can be left out. */
  public static final int FEWEST_POINTS = 3;

  /** Of what is written in decimals and read again. */
  private static final double ROUNDING = 1e-9;

  public LossLink {
    lengths = List.copyOf(lengths);
    points = List.copyOf(points);
    for (int at = 1; at < points.size(); at++) {
      if (points.get(at - 1).predicted() >= points.get(at).predicted()) {
        throw new IllegalArgumentException(
            "The points must ascend by predicted; %s stands before %s."
                .formatted(points.get(at - 1).predicted(), points.get(at).predicted()));
      }
    }
    PowerLaw fitted = fit(points);
    if (isOff(law.factor(), fitted.factor()) || isOff(law.exponent(), fitted.exponent())) {
      throw new IllegalArgumentException(
          "The law (%s) is not that of the points, %s.".formatted(law, fitted));
    }
    leftOut(points);
  }

  private static boolean isOff(double value, double fitted) {
    return Math.abs(value - fitted) > ROUNDING * fitted;
  }

  /** A plan, and what came of it at each length of its workload. */
  public record MeasuredPlan(Plan plan, Measured measured) {
    private LinkPoint point() {
      return new LinkPoint(plan.predicted().time().ratio(), plan.solver().loss().found(), kl());
    }

    private double kl() {
      return switch (plan.goal().lossOver()) {
        case MEAN -> mean();
        case WORST_LENGTH ->
            plan.workload().lengths().stream().mapToDouble(this::kl).max().orElseThrow();
      };
    }

    private double mean() {
      double sum = 0;
      double weights = 0;
      for (Workload.Entry entry : plan.workload().lengths()) {
        sum += entry.weight() * kl(entry);
        weights += entry.weight();
      }
      return sum / weights;
    }

    private double kl(Workload.Entry entry) {
      return measured.byLength().stream()
          .filter(at -> at.length().equals(entry.length()))
          .mapToDouble(Measured.AtLength::kl)
          .findFirst()
          .orElseThrow(
              () ->
                  new IllegalArgumentException(
                      "The plan ran no prompt of length %s.".formatted(entry.length())));
    }
  }

  /**
   * @param plans from one profile for one workload; those that lose nothing, or are predicted to
   *     lose the same as another, say nothing
   * @throws BadInputException if the plans differ in more than their limits, or too few are left
   */
  public static LossLink of(List<MeasuredPlan> plans, PromptSet measuredOn, Run run) {
    requireAlike(plans.stream().map(MeasuredPlan::plan).toList());
    Plan first = plans.getFirst().plan;
    List<LinkPoint> points = new ArrayList<>();
    plans.stream()
        .filter(each -> each.plan.solver().loss().found() > 0 && each.kl() > 0)
        .map(MeasuredPlan::point)
        .sorted(Comparator.comparingDouble(LinkPoint::predicted))
        .filter(point -> points.isEmpty() || points.getLast().predicted() < point.predicted())
        .forEach(points::add);
    try {
      return new LossLink(
          SchemaVersion.CURRENT,
          Tool.THIS,
          first.model(),
          first.calibration(),
          first.workload().lengths(),
          first.goal().lossOver(),
          measuredOn,
          first.calibration().promptSet().isDisjointFrom(measuredOn),
          points,
          fit(points),
          run);
    } catch (IllegalArgumentException e) {
      throw new BadInputException(
          "Measured losses do not follow predicted ones: " + e.getMessage(),
          "name more plans, of times further apart, such as those of search --pareto 8.",
          e);
    }
  }

  /** Refuses plans that no one link holds for. */
  public static void requireAlike(List<Plan> plans) {
    if (plans.size() < FEWEST_POINTS) {
      throw new BadInputException(
          "A link goes through at least %d plans; %d are named."
              .formatted(FEWEST_POINTS, plans.size()),
          "name those of search --pareto 8: curve-plans/*.json.");
    }
    Plan first = plans.getFirst();
    for (Plan plan : plans) {
      if (!plan.model().sameWeights(first.model())
          || !plan.calibration().sameLosses(first.calibration())
          || !plan.workload().lengths().equals(first.workload().lengths())
          || plan.goal().lossOver() != first.goal().lossOver()
          || plan.calibration().refinement().isPresent()) {
        throw new BadInputException(
            "The plans are of different models, profiles, losses or lengths, or one was refined.",
            "name those of one search --pareto 8: curve-plans/*.json.");
      }
    }
  }

  private static PowerLaw fit(List<LinkPoint> points) {
    if (points.size() < FEWEST_POINTS) {
      throw new IllegalArgumentException(
          "A link goes through at least %d plans that lose something; there are %d."
              .formatted(FEWEST_POINTS, points.size()));
    }
    return PowerLaw.through(points.stream().map(LinkPoint::onLaw).toList());
  }

  /** Each point's measured loss ÷ what the others say of it, in their order. */
  public List<Double> leftOut() {
    return leftOut(points);
  }

  private static List<Double> leftOut(List<LinkPoint> points) {
    return IntStream.range(0, points.size())
        .mapToObj(
            at -> {
              PowerLaw others =
                  PowerLaw.through(
                      IntStream.range(0, points.size())
                          .filter(other -> other != at)
                          .mapToObj(other -> points.get(other).onLaw())
                          .toList());
              return points.get(at).measured() / others.at(points.get(at).predicted());
            })
        .toList();
  }

  /**
   * What a plan that is predicted to lose so much should be measured to lose; empty outside of the
   * predictions that the link goes through.
   */
  public Optional<LossEstimate> estimate(double predicted) {
    if (predicted < points.getFirst().predicted() || predicted > points.getLast().predicted()) {
      return Optional.empty();
    }
    double value = law.at(predicted);
    List<Double> leftOut = leftOut();
    double least = Stream.concat(Stream.of(1.0), leftOut.stream()).min(Double::compare).get();
    double most = Stream.concat(Stream.of(1.0), leftOut.stream()).max(Double::compare).get();
    return Optional.of(new LossEstimate(value, value * least, value * most));
  }

  /**
   * The prediction below which a plan should be measured to lose at most so much.
   *
   * @throws BadInputException outside of the losses that the link knows
   */
  public double predictedFor(double measured) {
    double least = law.at(points.getFirst().predicted());
    double most = law.at(points.getLast().predicted());
    if (measured < least || measured > most) {
      throw new BadInputException(
          "The measured loss (%s) is outside of what the link was measured for, %.3g to %.3g nats."
              .formatted(measured, least, most),
          "link plans whose losses lie on both sides of it.");
    }
    return law.inverseAt(measured);
  }

  /** Refuses what is predicted of another model, from another profile, or for other lengths. */
  public void requireFor(
      ModelIdentity other, Calibration predictedFrom, Workload workload, LossOver over) {
    require(other.sameWeights(model), "other weights, " + other.name());
    require(
        predictedFrom.promptSet().equals(calibration.promptSet()), "a profile of other prompts");
    require(
        predictedFrom.arithmetic() == calibration.arithmetic(),
        "a profile in " + predictedFrom.arithmetic().text());
    require(
        predictedFrom.statistic() == calibration.statistic(),
        "another loss, " + predictedFrom.statistic());
    require(workload.lengths().equals(lengths), "other lengths, " + names(workload.lengths()));
    require(over == lossOver, "the loss over lengths as " + over);
  }

  private void require(boolean same, String difference) {
    if (!same) {
      throw new BadInputException(
          "The link is of %s, %s at %s; this is of %s."
              .formatted(model.name(), calibration.statistic(), names(lengths), difference),
          "make one for this profile with the verb link.");
    }
  }

  private static String names(List<Workload.Entry> lengths) {
    return lengths.stream()
        .map(entry -> entry.length().toString())
        .collect(Collectors.joining(", "));
  }

  /**
   * @throws BadInputException if the file is missing or is no link
   */
  public static LossLink read(Path file) {
    return JsonFile.read(file, LossLink.class, "link");
  }

  public void write(Path file) throws IOException {
    JsonFile.write(file, this);
  }
}
