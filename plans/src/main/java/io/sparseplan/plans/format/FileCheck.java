package io.sparseplan.plans.format;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.file.Run;
import io.sparseplan.plans.file.Sha256;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.model.HeadAxis;
import io.sparseplan.plans.model.HeadDim;
import io.sparseplan.plans.model.KvHeads;
import io.sparseplan.plans.model.LayerCount;
import io.sparseplan.plans.model.ModelDescription;
import io.sparseplan.plans.model.ModelIdentity;
import io.sparseplan.plans.model.QueryHeads;
import io.sparseplan.plans.model.Rope;
import io.sparseplan.plans.plan.HeadPlan;
import io.sparseplan.plans.plan.ImportedPlan;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.DoubleNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One published file, read and written again through a plan's or a scores file's own JSON, for a
 * model of the shape that the file itself tells of.
 *
 * @param statistics what was understood, in words
 * @param isEqual whether it came out as it went in, up to how numbers are written
 */
public record FileCheck(String statistics, boolean isEqual) {
  /** Where a file does not say how many layers, heads or denoising steps there are. */
  private static final int ANY_LAYERS = 32;

  private static final int ANY_STEPS = 50;

  private static final int HEAD_DIM = 128;
  private static final Pattern NUMBER = Pattern.compile("[-+]?\\d+(?:\\.\\d*)?(?:[eE][-+]?\\d+)?");

  /** In words. */
  public String comesBack() {
    return isEqual ? "equal" : "differs";
  }

  /**
   * @throws BadInputException if the file cannot be read
   */
  public static FileCheck of(Format format, PeerSource source) {
    return switch (format) {
      case ScoresFormat scores
          when !(scores instanceof PlanFormat plan) || !plan.decides(source, model(plan, source)) ->
          ofScores(scores, source);
      case PlanFormat plan -> ofPlan(plan, source);
      case VideoFormat video -> ofVideo(video, source);
      case ScoresFormat scores -> ofScores(scores, source);
      case KernelFormat kernel ->
          throw new IllegalArgumentException(kernel.name() + " is not read.");
    };
  }

  private static FileCheck ofScores(ScoresFormat format, PeerSource source) {
    ModelIdentity model = identity(format.shape(source));
    ScoredHeads scores = format.read(source, model);
    HeadScores file =
        PeerImport.scores(scores, format.kept(source), new ModelDescription(model, List.of()), RUN);
    String json = JsonFile.pretty(file);
    Exported exported = format.write(JsonFile.mapper().readValue(json, HeadScores.class));
    return new FileCheck(FileStatistics.of(scores), isEqual(source, exported));
  }

  private static FileCheck ofPlan(PlanFormat format, PeerSource source) {
    ModelIdentity model = model(format, source);
    ImportedHeads heads = format.read(source, model, options(source));
    HeadPlan plan =
        PeerImport.plan(
            heads,
            format.kept(source),
            new ModelDescription(model, List.of()),
            Optional.empty(),
            RUN);
    String json = JsonFile.pretty(plan);
    HeadPlan again = JsonFile.mapper().readValue(json, ImportedPlan.class);
    return new FileCheck(FileStatistics.of(heads, model), isEqual(source, format.write(again)));
  }

  private static FileCheck ofVideo(VideoFormat format, PeerSource source) {
    VideoHeads heads =
        format.read(
            source,
            new VideoTarget(
                format.leastVideo(source),
                new LayerCount(ANY_LAYERS),
                new QueryHeads(1),
                format.saysSteps() ? Optional.empty() : Optional.of(ANY_STEPS)));
    HeadPlan plan =
        PeerImport.plan(
            heads,
            format.kept(source),
            new ModelDescription(
                identity(FileShape.of(heads.layers(), heads.headsOfLayer().count())), List.of()),
            RUN);
    String json = JsonFile.pretty(plan);
    HeadPlan again = JsonFile.mapper().readValue(json, ImportedPlan.class);
    return new FileCheck(format.statistics(heads), isEqual(source, format.write(again)));
  }

  private static ModelIdentity model(PlanFormat format, PeerSource source) {
    ModelIdentity model = identity(format.shape(source));
    if (!(format instanceof DoubleSparsityFormat)) {
      return model;
    }
    JsonField keys = source.json().at("model.layers.0.self_attn.k_proj");
    if (keys.elements().isEmpty()) {
      throw keys.refuse("ranks channels of no head");
    }
    KvHeads kvHeads = new KvHeads(keys.elements().size());
    QueryHeads heads = model.attention().queryHeads();
    if (heads.count() % kvHeads.count() != 0) {
      throw new BadInputException(
          "The file (%s) is for %d query heads of %d KV heads, which share them out unevenly."
              .formatted(source.path(), heads.count(), kvHeads.count()),
          "it is damaged, or of another kind.");
    }
    return identity(model.layers(), heads, kvHeads);
  }

  private static ModelIdentity identity(FileShape shape) {
    QueryHeads heads = shape.heads().orElse(new QueryHeads(1));
    return identity(
        shape.layers().orElse(new LayerCount(ANY_LAYERS)), heads, new KvHeads(heads.count()));
  }

  private static ModelIdentity identity(LayerCount layers, QueryHeads heads, KvHeads kvHeads) {
    Sha256 none = Sha256.of("");
    return new ModelIdentity(
        "any",
        "any",
        none,
        none,
        layers,
        new AttentionShape(heads, kvHeads, new HeadDim(HEAD_DIM)),
        new Rope(10_000),
        HeadAxis.QUERY_HEAD);
  }

  /** What a user would decide, where the file does not. */
  private static ImportOptions options(PeerSource source) {
    ImportOptions options =
        ImportOptions.NONE.withHeavy(
            new ImportOptions.Heavy(ImportOptions.Projection.QK, HEAD_DIM / 4, Tokens.of(512)));
    Matcher stride =
        Pattern.compile("(?m)^\\w+?_(\\d{1,4})\\s*=\\s*\\[").matcher(new String(source.main()));
    return source.mainName().endsWith(".py") && stride.find()
        ? options.withStride(Integer.parseInt(stride.group(1)))
        : options;
  }

  private static final Run RUN = new Run("", "", 1, 0, "");

  /** Whether what was written says what the files say. */
  private static boolean isEqual(PeerSource source, Exported exported) {
    List<byte[]> written = exported.files().values().stream().toList();
    List<byte[]> read = source.parts().values().stream().toList();
    if (written.size() != read.size()) {
      return false;
    }
    for (int part = 0; part < written.size(); part++) {
      if (!isEqual(read.get(part), written.get(part))) {
        return false;
      }
    }
    return true;
  }

  static boolean isEqual(byte[] read, byte[] written) {
    if (Arrays.equals(read, written)) {
      return true;
    }
    Optional<JsonNode> before = json(read);
    Optional<JsonNode> after = json(written);
    return before.isPresent() && after.isPresent()
        ? normal(before.get()).equals(normal(after.get()))
        : numbers(read).equals(numbers(written));
  }

  private static Optional<JsonNode> json(byte[] text) {
    try {
      return Optional.of(JsonFile.mapper().readTree(text));
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }

  /** With every number as a double. */
  private static JsonNode normal(JsonNode node) {
    if (node.isNumber()) {
      return DoubleNode.valueOf(node.doubleValue());
    }
    if (node.isArray()) {
      ArrayNode array = JsonFile.mapper().createArrayNode();
      node.forEach(element -> array.add(normal(element)));
      return array;
    }
    if (node.isObject()) {
      ObjectNode object = JsonFile.mapper().createObjectNode();
      for (Map.Entry<String, JsonNode> property : node.properties()) {
        object.set(property.getKey(), normal(property.getValue()));
      }
      return object;
    }
    return node;
  }

  /** Of a table or a literal: its numbers in their order. */
  private static List<Double> numbers(byte[] text) {
    return NUMBER
        .matcher(new String(text, StandardCharsets.UTF_8))
        .results()
        .map(match -> Double.parseDouble(match.group()))
        .toList();
  }
}
