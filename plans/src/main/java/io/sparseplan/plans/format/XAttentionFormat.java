package io.sparseplan.plans.format;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.model.HeadAxis;
import io.sparseplan.plans.model.ModelIdentity;
import io.sparseplan.plans.pattern.AntidiagonalTopP;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.plan.HeadPlan;
import io.sparseplan.plans.plan.ImportedFrom;
import io.sparseplan.plans.plan.PlannedHead;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;

/**
 * XAttention's thresholds: a Python file of {@code name_STRIDE = [[τ of each query head], …]}, one
 * table of all layers for each stride. Only lists of numbers are read; nothing is run.
 */
final class XAttentionFormat implements PlanFormat {
  private static final java.util.regex.Pattern ASSIGNMENT =
      java.util.regex.Pattern.compile("(?m)^([A-Za-z_]\\w*?)_(\\d{1,4})\\s*=\\s*(?=\\[)");

  @Override
  public String name() {
    return "xattention";
  }

  @Override
  public String system() {
    return "XAttention";
  }

  @Override
  public String file() {
    return "Python file of name_STRIDE = [[threshold]], [layer][query head]";
  }

  @Override
  public String loses() {
    return "";
  }

  @Override
  public ImportedFrom kept(PeerSource source) {
    return source.kept(name(), PeerSource.Text.KEPT);
  }

  @Override
  public boolean recognises(PeerSource source) {
    return source.mainName().endsWith(".py") && ASSIGNMENT.matcher(text(source)).find();
  }

  @Override
  public FileShape shape(PeerSource source) {
    List<JsonField> layers = tables(source).values().iterator().next().elements();
    return FileShape.of(layers.size(), layers.isEmpty() ? 0 : layers.getFirst().elements().size());
  }

  private static String text(PeerSource source) {
    return new String(source.main(), StandardCharsets.UTF_8);
  }

  /** The tables by stride, in the order of the file. */
  private static Map<Integer, JsonField> tables(PeerSource source) {
    String text = text(source);
    var tables = new LinkedHashMap<Integer, JsonField>();
    Matcher assignment = ASSIGNMENT.matcher(text);
    int from = 0;
    while (assignment.find(from)) {
      String name = assignment.group(1) + "_" + assignment.group(2);
      String list = list(source, name, text, assignment.end());
      from = assignment.end() + list.length();
      // Python allows a comma after the last element; JSON does not.
      String json = list.replaceAll("#[^\n]*", "").replaceAll(",\\s*]", "]");
      JsonField table =
          JsonField.parse(source.path() + " (" + name + ")", json.getBytes(StandardCharsets.UTF_8));
      if (tables.put(Integer.parseInt(assignment.group(2)), table) != null) {
        throw new BadInputException(
            "The file (%s) has two tables of stride %s."
                .formatted(source.path(), assignment.group(2)),
            "remove the one that is not meant.");
      }
    }
    if (tables.isEmpty()) {
      throw new BadInputException(
          "The file (%s) has no table such as llama_fuse_16 = [[…]].".formatted(source.path()),
          "it is of another format.");
    }
    return tables;
  }

  /** The text up to the bracket that closes the one at the start. */
  private static String list(PeerSource source, String name, String text, int from) {
    int depth = 0;
    for (int at = from; at < text.length(); at++) {
      depth += text.charAt(at) == '[' ? 1 : text.charAt(at) == ']' ? -1 : 0;
      if (depth == 0) {
        return text.substring(from, at + 1);
      }
    }
    throw new BadInputException(
        "The table %s of the file (%s) does not end.".formatted(name, source.path()),
        "the file is cut short.");
  }

  @Override
  public ImportedHeads read(PeerSource source, ModelIdentity model, ImportOptions options) {
    Map<Integer, JsonField> tables = tables(source);
    if (options.stride().isEmpty() && tables.size() > 1) {
      throw new BadInputException(
          "The file (%s) has tables of the strides %s.".formatted(source.path(), tables.keySet()),
          "choose one with --stride 16.");
    }
    int stride = options.stride().orElseGet(() -> tables.keySet().iterator().next());
    if (!tables.containsKey(stride)) {
      throw new BadInputException(
          "The file (%s) has no table of stride %d, but of %s."
              .formatted(source.path(), stride, tables.keySet()),
          "choose one of those with --stride.");
    }
    if (stride < 1) {
      throw new BadInputException(
          "The table of the file (%s) is of stride %d; strides are at least 1."
              .formatted(source.path(), stride),
          "its name is damaged: llama_fuse_16 is of stride 16.");
    }
    List<List<JsonField>> layers =
        tables.get(stride).elements(model.layers().count(), "layers").stream()
            .map(row -> row.elements(model.attention().queryHeads().count(), "query heads"))
            .toList();
    return new ImportedHeads(
        TileSize.DEFAULT,
        HeadAxis.QUERY_HEAD,
        ImportedHeads.each(
            model,
            id -> {
              double threshold = layers.get(id.layer().value()).get(id.head().value()).number(0, 1);
              return new ImportedHeads.Rule(
                  new AntidiagonalTopP(stride, threshold),
                  Optional.of(new Dense()),
                  "The threshold of stride %d is %s.".formatted(stride, threshold));
            }),
        List.of("XAttention is sparse on the prompt alone; decoding is dense."));
  }

  @Override
  public Exported write(HeadPlan plan) {
    var grid = new HeadGrid(plan, name());
    List<List<AntidiagonalTopP>> rules = grid.map(head -> rule(grid, head));
    int stride = rules.getFirst().getFirst().stride();
    grid.layers().stream()
        .flatMap(List::stream)
        .filter(head -> rule(grid, head).stride() != stride)
        .findFirst()
        .ifPresent(
            head -> {
              throw grid.refuse(
                  head, head.prefill(), "where the first head has the stride " + stride);
            });
    var text = new StringBuilder();
    Map<Integer, JsonField> kept = grid.kept().map(XAttentionFormat::tables).orElse(Map.of());
    String own =
        table(
            rules.stream()
                .map(row -> row.stream().map(AntidiagonalTopP::coverage).toList())
                .toList());
    var strides = new TreeSet<>(kept.keySet());
    strides.add(stride);
    for (int each : strides) {
      text.append("llama_fuse_%d = ".formatted(each));
      text.append(each == stride ? own : kept.get(each).node().toString()).append('\n');
    }
    return Exported.text("thresholds.py", text.toString(), List.of());
  }

  private static String table(List<List<Double>> thresholds) {
    return JsonFile.mapper().writeValueAsString(thresholds);
  }

  private static AntidiagonalTopP rule(HeadGrid grid, PlannedHead head) {
    if (!head.decodeOrPrefill().equals(new Dense())) {
      throw grid.refuse(head, head.decodeOrPrefill(), "where XAttention decodes dense");
    }
    return switch (head.prefill()) {
      case AntidiagonalTopP rule -> rule;
      case Pattern other -> throw grid.refuse(head, other);
    };
  }
}
