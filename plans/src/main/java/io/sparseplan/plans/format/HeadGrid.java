package io.sparseplan.plans.format;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.model.KvHeads;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.plan.HeadPlan;
import io.sparseplan.plans.plan.ImportedPlan;
import io.sparseplan.plans.plan.PlannedHead;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** The heads of a plan as exporters walk them. */
record HeadGrid(HeadPlan plan, String format) {
  /** The heads by layer. */
  List<List<PlannedHead>> layers() {
    int ofLayer = plan.model().attention().queryHeads().count();
    var layers = new ArrayList<List<PlannedHead>>();
    for (int from = 0; from < plan.heads().size(); from += ofLayer) {
      layers.add(List.copyOf(plan.heads().subList(from, from + ofLayer)));
    }
    return layers;
  }

  /**
   * What each KV head's group runs, by layer.
   *
   * @throws BadInputException if the query heads of a group do not run the same
   */
  List<List<PlannedHead>> kvGroups() {
    int group = plan.model().attention().groupSize();
    KvHeads kvHeads = plan.model().attention().kvHeads();
    var layers = new ArrayList<List<PlannedHead>>();
    for (List<PlannedHead> layer : layers()) {
      var groups = new ArrayList<PlannedHead>();
      for (int kvHead = 0; kvHead < kvHeads.count(); kvHead++) {
        List<PlannedHead> heads = layer.subList(kvHead * group, (kvHead + 1) * group);
        heads.forEach(head -> requireSame(heads.getFirst(), head, "one KV head"));
        groups.add(heads.getFirst());
      }
      layers.add(groups);
    }
    return layers;
  }

  /**
   * What each layer runs.
   *
   * @throws BadInputException if the heads of a layer do not run the same
   */
  List<PlannedHead> wholeLayers() {
    return layers().stream()
        .map(
            layer -> {
              layer.forEach(head -> requireSame(layer.getFirst(), head, "one layer"));
              return layer.getFirst();
            })
        .toList();
  }

  private void requireSame(PlannedHead first, PlannedHead other, String what) {
    if (!first.prefill().equals(other.prefill()) || !first.decode().equals(other.decode())) {
      throw new BadInputException(
          "The heads %s (%s) and %s (%s) are of %s and run different patterns; %s has one for all of it."
              .formatted(first.id(), text(first), other.id(), text(other), what, format),
          what.equals("one layer")
              ? "search with --max-patterns-per-layer 1."
              : "search with --granularity kv_head.");
    }
  }

  private static String text(PlannedHead head) {
    return head.prefill().label()
        + head.decode().map(decode -> ", decode " + decode.label()).orElse("");
  }

  /** What a head runs in both phases. */
  Pattern inBothPhases(PlannedHead head) {
    head.decode()
        .filter(decode -> !decode.equals(head.prefill()))
        .ifPresent(
            decode -> {
              throw refuse(head, decode, "which is of decoding alone");
            });
    return head.prefill();
  }

  /** The error for a head that the format cannot say. */
  BadInputException refuse(PlannedHead head, Pattern pattern, String why) {
    return new BadInputException(
        "The head %s runs %s, %s; %s cannot say that."
            .formatted(head.id(), pattern.label(), why, format),
        "pin it to another pattern, or export to another format: show formats lists them.");
  }

  BadInputException refuse(PlannedHead head, Pattern pattern) {
    return refuse(head, pattern, "a pattern that its runtime does not have");
  }

  /** The file that the plan was imported from, if it was of this format and its text was kept. */
  Optional<PeerSource> kept() {
    return plan instanceof ImportedPlan imported
            && imported.imported().format().equals(format)
            && imported.imported().parts().stream().noneMatch(part -> part.text().isEmpty())
        ? Optional.of(PeerSource.of(imported.imported()))
        : Optional.empty();
  }

  /** A matrix of a value for each query head, by layer. */
  <T> List<List<T>> map(Function<PlannedHead, T> value) {
    return layers().stream().map(layer -> layer.stream().map(value).toList()).toList();
  }
}
