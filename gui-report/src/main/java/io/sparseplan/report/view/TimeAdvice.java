package io.sparseplan.report.view;

import io.sparseplan.costmodel.HeadLaunch;
import io.sparseplan.costmodel.LayerTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** What stands out in the time of a plan, and what would change it; each sentence is of a rule. */
record TimeAdvice(TimeAnalysis times) {
  /** A layer stands out that takes so many times its even share. */
  private static final double STANDS_OUT = 1.5;

  /** Heads decide a layer that do this share of its work. */
  private static final double DECIDES = 0.5;

  /** A part is worth a sentence from this share of the time on. */
  private static final double WORTH_SAYING = 0.1;

  private static final int LAYERS_SAID = 3;

  private record Weighted(double millis, String sentence) {}

  /** What costs most first. */
  List<String> sentences() {
    var advice = new ArrayList<Weighted>();
    layersThatStandOut().ifPresent(advice::add);
    costliestLayers().forEach(layer -> denseHeads(layer).ifPresent(advice::add));
    for (int n = 0; n < times.layers().size(); n++) {
      idle(n).ifPresent(advice::add);
    }
    part(
            TimePart.LAUNCH,
            "Launching kernels takes %s of the time: longer prompts or a larger batch spread it over more work.")
        .ifPresent(advice::add);
    part(
            TimePart.CHOOSING,
            "Choosing tiles at run time takes %s of the time: a fixed pattern in the costliest heads saves it.")
        .ifPresent(advice::add);
    part(
            TimePart.PERMUTATION,
            "Laying tokens out anew takes %s of the time, whatever the patterns.")
        .ifPresent(advice::add);
    denseKernel().ifPresent(advice::add);
    if (advice.isEmpty()) {
      return List.of("No layer, head or part stands out: the time is spread evenly.");
    }
    return advice.stream()
        .sorted(Comparator.comparingDouble(Weighted::millis).reversed())
        .map(Weighted::sentence)
        .toList();
  }

  private int layerCount() {
    return times.layers().getFirst().size();
  }

  private List<Integer> costliestLayers() {
    return IntStream.range(0, layerCount())
        .boxed()
        .sorted(
            Comparator.comparingDouble(
                    (Integer layer) -> times.layerMillis(layer, LayerTime::micros))
                .reversed()
                .thenComparingInt(layer -> layer))
        .limit(LAYERS_SAID)
        .toList();
  }

  private Optional<Weighted> layersThatStandOut() {
    double all = times.sumMillis(LayerTime::micros);
    List<Integer> costly =
        costliestLayers().stream()
            .filter(
                layer ->
                    times.layerMillis(layer, LayerTime::micros) > STANDS_OUT * all / layerCount())
            .sorted()
            .toList();
    double millis =
        costly.stream().mapToDouble(layer -> times.layerMillis(layer, LayerTime::micros)).sum();
    return costly.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Weighted(
                millis,
                "%s %s %s of the time, %s of %d layers."
                    .formatted(
                        costly.size() == 1 ? "Layer" : "Layers",
                        costly.stream().map(String::valueOf).collect(Collectors.joining(", "))
                            + (costly.size() == 1 ? " takes" : " take"),
                        NumberText.percent(millis / all),
                        costly.size() == 1 ? "one" : String.valueOf(costly.size()),
                        layerCount())));
  }

  private Optional<Weighted> denseHeads(int layer) {
    double work = 0;
    double dense = 0;
    for (int n = 0; n < times.layers().size(); n++) {
      double weight = times.entry(n).weight();
      for (HeadLaunch launch : times.layers().get(n).get(layer).launches()) {
        for (int nth = 0; nth < launch.heads().size(); nth++) {
          double ofHead = weight * launch.workMicros(nth) / 1000;
          work += ofHead;
          dense += times.isDense(layer, launch.heads().get(nth)) ? ofHead : 0;
        }
      }
    }
    List<String> heads =
        IntStream.range(0, times.plan().model().attention().queryHeads().count())
            .filter(head -> times.isDense(layer, head))
            .mapToObj(head -> "H" + head)
            .toList();
    if (heads.isEmpty() || dense < DECIDES * work) {
      return Optional.empty();
    }
    return Optional.of(
        new Weighted(
            dense,
            "%s (%s) %s layer %d's time: %s of its work."
                .formatted(
                    heads.size() == 1 ? "1 dense head" : heads.size() + " dense heads",
                    String.join(", ", heads),
                    heads.size() == 1 ? "decides" : "decide",
                    layer,
                    NumberText.percent(dense / work))));
  }

  private Optional<Weighted> idle(int lengthIndex) {
    double all = times.millisAt(lengthIndex, LayerTime::micros);
    double idle = times.millisAt(lengthIndex, LayerTime::idleMicros);
    if (idle < WORTH_SAYING * all) {
      return Optional.empty();
    }
    String length = NumberText.count(times.entry(lengthIndex).length().count());
    long oneWave =
        times.layers().get(lengthIndex).stream()
            .filter(layer -> layer.launches().stream().allMatch(TimeAdvice::isOneWave))
            .count();
    String why =
        oneWave == layerCount()
            ? "every layer is one wave and lasts as long as its slowest blocks, so only the slowest heads count."
            : "blocks wait for memory, and the last ones run while other slots are empty.";
    return Optional.of(
        new Weighted(
            times.entry(lengthIndex).weight() * idle,
            "At %s tokens slots stand idle or wait for %s of the time: %s"
                .formatted(length, NumberText.percent(idle / all), why)));
  }

  private static boolean isOneWave(HeadLaunch launch) {
    long blocks =
        (long) launch.batch()
            * launch.ticksOfHead().stream().mapToLong(ticks -> ticks.length).sum();
    return blocks <= launch.constants().occupancy().slots();
  }

  private Optional<Weighted> part(TimePart part, String sentence) {
    double millis = times.sumMillis(part::microsOf);
    double share = millis / times.sumMillis(LayerTime::micros);
    return share < WORTH_SAYING
        ? Optional.empty()
        : Optional.of(new Weighted(millis, sentence.formatted(NumberText.percent(share))));
  }

  /** Layers that the runtime runs on another, dense kernel because the plan is slower there. */
  private Optional<Weighted> denseKernel() {
    double millis = 0;
    int layers = 0;
    for (int n = 0; n < times.layers().size(); n++) {
      for (LayerTime layer : times.layers().get(n)) {
        if (layer.launches().stream()
            .anyMatch(launch -> !launch.kernel().equals(times.plan().device().kernel()))) {
          layers++;
          millis += times.entry(n).weight() * layer.micros() / 1000;
        }
      }
    }
    return layers == 0
        ? Optional.empty()
        : Optional.of(
            new Weighted(
                millis,
                "%d of %d layers, counted at each length, run on a dense kernel because that is faster there: sparsity saves nothing in them."
                    .formatted(layers, layerCount() * times.layers().size())));
  }
}
