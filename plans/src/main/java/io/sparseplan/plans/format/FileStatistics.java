package io.sparseplan.plans.format;

import io.sparseplan.plans.format.ScoredHeads.HeadScore;
import io.sparseplan.plans.model.HeadAxis;
import io.sparseplan.plans.model.ModelIdentity;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.plan.ImportedHead;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/** What a peer's file says, in figures. */
final class FileStatistics {
  /** Query heads of a KV head in most models with grouped heads of this generation. */
  private static final int GROUP = 4;

  /** From this mean score on Retrieval_Head's paper calls a head one that retrieves. */
  private static final double RETRIEVES = 0.1;

  private FileStatistics() {}

  static String of(ScoredHeads scores) {
    List<HeadScore> heads = scores.layers().stream().flatMap(List::stream).toList();
    double[] means = heads.stream().mapToDouble(HeadScore::mean).toArray();
    long zero = Arrays.stream(means).filter(mean -> mean == 0).count();
    long high = Arrays.stream(means).filter(mean -> mean >= RETRIEVES).count();
    long half = Arrays.stream(means).filter(mean -> mean >= 0.5).count();
    return String.format(
        Locale.ROOT,
        "%d layers × %d %s, trials %d; mean scores up to %.3f, %.1f %% are 0, %.1f %% ≥ 0.1, %.1f %% ≥ 0.5",
        scores.layers().size(),
        scores.layers().getFirst().size(),
        scores.axis() == HeadAxis.KV_HEAD ? "KV heads" : "query heads",
        heads.getFirst().trials().size(),
        Arrays.stream(means).max().orElseThrow(),
        100.0 * zero / means.length,
        100.0 * high / means.length,
        100.0 * half / means.length);
  }

  static String of(ImportedHeads imported, ModelIdentity model) {
    List<ImportedHead> heads = imported.heads();
    int ofLayer = model.attention().queryHeads().count();
    Map<String, Integer> counts = new LinkedHashMap<>();
    heads.forEach(head -> counts.merge(label(head), 1, Integer::sum));
    Map.Entry<String, Integer> mode =
        counts.entrySet().stream().max(Comparator.comparingInt(Map.Entry::getValue)).orElseThrow();
    long most =
        IntStream.range(0, model.layers().count())
            .mapToLong(
                layer ->
                    heads.subList(layer * ofLayer, (layer + 1) * ofLayer).stream()
                        .map(FileStatistics::label)
                        .distinct()
                        .count())
            .max()
            .orElseThrow();
    String text =
        String.format(
            Locale.ROOT,
            "%d layers × %d heads; %d patterns, most often %s (%d heads), at most %d a layer",
            model.layers().count(),
            ofLayer,
            counts.size(),
            mode.getKey(),
            mode.getValue(),
            most);
    return ofLayer % GROUP == 0 ? text + groups(heads) : text;
  }

  private static String groups(List<ImportedHead> heads) {
    int groups = heads.size() / GROUP;
    long uniform =
        IntStream.range(0, groups)
            .filter(
                group ->
                    heads.subList(group * GROUP, (group + 1) * GROUP).stream()
                            .map(FileStatistics::label)
                            .distinct()
                            .count()
                        == 1)
            .count();
    return "; of groups of %d heads %d of %d are uniform".formatted(GROUP, uniform, groups);
  }

  private static String label(ImportedHead head) {
    return head.prefill().label()
        + head.decode().map(Pattern::label).map(decode -> ", decode " + decode).orElse("");
  }
}
