package io.sparseplan.plans.format;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.HeadAxis;
import io.sparseplan.plans.model.ModelIdentity;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.ElasticSpan;
import io.sparseplan.plans.pattern.PageTopK;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.plan.HeadPlan;
import io.sparseplan.plans.plan.ImportedFrom;
import io.sparseplan.plans.plan.PlannedHead;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * LServe: DuoAttention's gates, and the flags of its command line in a file {@code lserve.flags}
 * beside them. Heads that retrieve run dense on the prompt and read the best pages of keys in
 * decoding; the others have a window for the prompt and a smaller one for decoding.
 */
final class LserveFormat implements PlanFormat {
  /** The flags' file; LServe itself takes them from its command line. */
  static final String FLAGS = "lserve.flags";

  private static final int PAGE = 64;

  /** Names and LServe's own values where a flag is not given. */
  private static final Map<String, Integer> DEFAULTS = defaults();

  @Override
  public String name() {
    return "lserve";
  }

  @Override
  public String system() {
    return "LServe (omniserve)";
  }

  @Override
  public String file() {
    return "directory of full_attention_heads.tsv and lserve.flags, its command-line flags";
  }

  @Override
  public String loses() {
    return "the gates: they become 0 and 1, read with --static-sparsity";
  }

  @Override
  public List<String> fileNames() {
    return List.of(GateTable.FILE, FLAGS);
  }

  @Override
  public ImportedFrom kept(PeerSource source) {
    return source.kept(name(), PeerSource.Text.KEPT);
  }

  private static Map<String, Integer> defaults() {
    var flags = new LinkedHashMap<String, Integer>();
    flags.put("--ctx-sink-token", 128);
    flags.put("--ctx-local-token", 8192);
    flags.put("--dec-sink-token", 128);
    flags.put("--dec-local-token", 256);
    flags.put("--dynamic-sparse-token-budget", 4096);
    flags.put("--sub-chunk-per-block", 4);
    flags.put("--selector-update-interval", 4);
    return flags;
  }

  @Override
  public boolean recognises(PeerSource source) {
    return source.parts().containsKey(FLAGS);
  }

  @Override
  public FileShape shape(PeerSource source) {
    return new DuoAttentionFormat().shape(source);
  }

  /** The flags by name. */
  private static Map<String, Integer> flags(PeerSource source) {
    byte[] text = source.parts().get(FLAGS);
    if (text == null) {
      throw new BadInputException(
          "The file %s is not beside %s: gates alone do not say how LServe runs them."
              .formatted(FLAGS, source.path()),
          "write LServe's flags into it, such as '--ctx-sink-token 128 --ctx-local-token 8192'.");
    }
    String[] words = new String(text, StandardCharsets.UTF_8).strip().split("\\s+");
    var flags = new LinkedHashMap<>(DEFAULTS);
    for (int at = 0; at < words.length && !words[0].isEmpty(); at += 2) {
      String value = at + 1 < words.length ? words[at + 1] : "";
      if (!DEFAULTS.containsKey(words[at]) || !value.matches("[1-9][0-9]{0,7}")) {
        throw new BadInputException(
            "The flag %s (%s) in %s is not one of %s with a positive integer."
                .formatted(words[at], value, FLAGS, DEFAULTS.keySet()),
            "leave out flags that do not concern attention.");
      }
      flags.put(words[at], Integer.parseInt(value));
    }
    flags.forEach(LserveFormat::requirePages);
    return flags;
  }

  private static void requirePages(String flag, int value) {
    if ((flag.endsWith("-token") || flag.endsWith("-budget")) && value % PAGE != 0) {
      throw new BadInputException(
          "The flag %s (%d) is not a multiple of LServe's page of %d tokens."
              .formatted(flag, value, PAGE),
          "round it up.");
    }
    if (flag.equals("--sub-chunk-per-block") && PAGE % value != 0) {
      throw new BadInputException(
          "The flag %s (%d) does not divide LServe's page of %d tokens."
              .formatted(flag, value, PAGE),
          "give 4.");
    }
  }

  @Override
  public ImportedHeads read(PeerSource source, ModelIdentity model, ImportOptions options) {
    GateTable table = GateTable.parse(source).requireOf(source, model);
    Map<String, Integer> flags = flags(source);
    List<List<Boolean>> sparse = DuoAttentionFormat.sparse(table, options);
    var prompt = span(flags, "--ctx-sink-token", "--ctx-local-token");
    Pattern step = span(flags, "--dec-sink-token", "--dec-local-token");
    Pattern pages =
        new PageTopK(
            Tokens.of(PAGE),
            Tokens.of(PAGE / flags.get("--sub-chunk-per-block")),
            Tokens.of(flags.get("--dynamic-sparse-token-budget")),
            flags.get("--selector-update-interval"));
    int group = model.attention().groupSize();
    return new ImportedHeads(
        new TileSize(PAGE),
        HeadAxis.KV_HEAD,
        ImportedHeads.each(
            model,
            id -> {
              int kvHead = id.head().value() / group;
              String why =
                  "The gate of KV head %d is %s."
                      .formatted(kvHead, table.gates().get(id.layer().value()).get(kvHead));
              return sparse.get(id.layer().value()).get(kvHead)
                  ? new ImportedHeads.Rule(prompt, Optional.of(step), why)
                  : new ImportedHeads.Rule(new Dense(), Optional.of(pages), why);
            }),
        List.of("Flags that the file does not have are LServe's own values: " + flags + "."));
  }

  private static ElasticSpan span(Map<String, Integer> flags, String sink, String local) {
    return new ElasticSpan(Tokens.of(flags.get(sink)), Tokens.of(flags.get(local)), 0);
  }

  @Override
  public boolean decides(PeerSource source, ModelIdentity model) {
    return GateTable.parse(source).requireOf(source, model).decides();
  }

  @Override
  public Exported write(HeadPlan plan) {
    var grid = new HeadGrid(plan, name());
    var prompt = new DuoAttentionFormat.OneSpan(grid);
    var step = new DuoAttentionFormat.OneSpan(grid);
    var flags = new LinkedHashMap<String, Integer>();
    var gates = new ArrayList<List<Double>>();
    int streaming = 0;
    for (List<PlannedHead> layer : grid.kvGroups()) {
      var row = new ArrayList<Double>();
      for (PlannedHead head : layer) {
        if (head.prefill() instanceof ElasticSpan span
            && head.decodeOrPrefill() instanceof ElasticSpan later) {
          prompt.require(head, span);
          step.require(head, later);
          row.add(0.0);
          streaming++;
        } else if (head.readsPromptsDense()
            && head.decodeOrPrefill() instanceof PageTopK pages
            && pages.page().count() == PAGE) {
          row.add(1.0);
          putSame(grid, head, flags, pages);
        } else {
          throw grid.refuse(head, head.decodeOrPrefill());
        }
      }
      gates.add(row);
    }
    if (streaming > 0) {
      flags.put("--ctx-sink-token", prompt.span().sink().count());
      flags.put("--ctx-local-token", prompt.span().alpha().count());
      flags.put("--dec-sink-token", step.span().sink().count());
      flags.put("--dec-local-token", step.span().alpha().count());
    }
    flags.forEach(LserveFormat::requirePages);
    var files = new LinkedHashMap<String, byte[]>();
    files.put(GateTable.FILE, new GateTable(gates).text().getBytes(StandardCharsets.UTF_8));
    var text = new ArrayList<String>();
    DEFAULTS.keySet().stream()
        .filter(flags::containsKey)
        .forEach(flag -> text.add(flag + " " + flags.get(flag)));
    files.put(FLAGS, (String.join(" ", text) + "\n").getBytes(StandardCharsets.UTF_8));
    int heads = gates.size() * gates.getFirst().size();
    return new Exported(
        files,
        List.of(
            "Run it with --static-sparsity %s, the share of streaming KV heads."
                .formatted((double) streaming / heads)));
  }

  private static void putSame(
      HeadGrid grid, PlannedHead head, Map<String, Integer> flags, PageTopK pages) {
    Map<String, Integer> of =
        Map.of(
            "--dynamic-sparse-token-budget", pages.budget().count(),
            "--sub-chunk-per-block", PAGE / pages.part().count(),
            "--selector-update-interval", pages.reuse());
    of.forEach(
        (flag, value) -> {
          Integer before = flags.put(flag, value);
          if (before != null && !before.equals(value)) {
            throw grid.refuse(head, pages, "where others have %s %d".formatted(flag, before));
          }
        });
  }
}
