package io.sparseplan.plans.format;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.geometry.Extents;
import io.sparseplan.plans.pattern.ChosenAmong;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.pattern.VideoChunkTopK;
import io.sparseplan.plans.pattern.VideoChunkTopP;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes VMoBA's configuration: finds the turns of layers again, and takes what the rule does not
 * read from the file that the plan came from; where there is none, says so.
 */
final class VmobaFile {
  private final SparseLayers layers;
  private final Extents video;
  private final Optional<JsonField> before;
  private final Map<VmobaChunk, Pattern> patternOf = new EnumMap<>(VmobaChunk.class);
  private final List<String> losses = new ArrayList<>();

  VmobaFile(SparseLayers layers, Extents video, Optional<PeerSource> kept) {
    this.layers = layers;
    this.video = video;
    this.before = kept.map(PeerSource::json);
  }

  /**
   * @throws BadInputException if layers run anything but chunks of three kinds in turn
   */
  Exported exported() {
    if (layers.patterns().isEmpty()) {
      throw new BadInputException(
          "No layer is sparse; VMoBA has no file for that.", "run the model without it.");
    }
    for (Pattern pattern : layers.patterns()) {
      Pattern same = patternOf.computeIfAbsent(kind(pattern), kind -> pattern);
      if (!same.equals(pattern)) {
        throw refuse(same, pattern);
      }
    }
    Map<VmobaChunk, Integer> turns = turns();
    ObjectNode root = JsonFile.mapper().createObjectNode();
    for (VmobaChunk kind : VmobaChunk.values()) {
      root.set(kind.size(), size(kind));
      root.set(
          kind.topK(),
          patternOf.get(kind) instanceof VideoChunkTopK best
              ? number(best.chunks())
              : unread(kind.topK(), number(1)));
    }
    putRule(root);
    root.put(VmobaFormat.DENSE_LAYERS, layers.denseLayers());
    root.put(VmobaFormat.DENSE_STEPS, layers.steps().first().steps());
    turns.forEach((kind, count) -> root.put(kind.layers(), count));
    return Exported.text("vmoba.json", JsonFile.mapper().writeValueAsString(root) + "\n", losses);
  }

  private void putRule(ObjectNode root) {
    Pattern first = layers.patterns().getFirst();
    for (Pattern pattern : patternOf.values()) {
      if (!rule(pattern).equals(rule(first))) {
        throw refuse(first, pattern);
      }
    }
    boolean byShare = first instanceof VideoChunkTopP;
    root.put(VmobaFormat.MODE, byShare ? "threshold" : "topk");
    root.set(
        VmobaFormat.THRESHOLD,
        first instanceof VideoChunkTopP share
            ? JsonFile.mapper().valueToTree(share.coverage())
            : unread(VmobaFormat.THRESHOLD, JsonFile.mapper().valueToTree(0.25)));
    root.put(
        VmobaFormat.AMONG,
        switch (among(first)) {
          case QUERY -> "query_head";
          case HEAD -> "head_global";
        });
  }

  /** All of a rule that is the same for every chunk. */
  private record Rule(boolean byShare, double share, ChosenAmong among) {}

  private static Rule rule(Pattern pattern) {
    return pattern instanceof VideoChunkTopP share
        ? new Rule(true, share.coverage(), share.among())
        : new Rule(false, 0, among(pattern));
  }

  private static ChosenAmong among(Pattern pattern) {
    return pattern instanceof VideoChunkTopK best
        ? best.among()
        : ((VideoChunkTopP) pattern).among();
  }

  private static Extents chunk(Pattern pattern) {
    return switch (pattern) {
      case VideoChunkTopK best -> best.chunk();
      case VideoChunkTopP share -> share.chunk();
      default ->
          throw new BadInputException(
              "Layers run %s; VMoBA chooses chunks of the video alone.".formatted(pattern.label()),
              "search with candidates of the kinds video_chunk_top_k and video_chunk_top_p.");
    };
  }

  private VmobaChunk kind(Pattern pattern) {
    return VmobaChunk.of(video.atMost(chunk(pattern)), video);
  }

  private static BadInputException refuse(Pattern one, Pattern other) {
    return new BadInputException(
        "Layers run %s and %s; VMoBA has one rule, and one size of chunk and one budget of each kind."
            .formatted(one.label(), other.label()),
        "search with one candidate of each kind.");
  }

  /** How many layers in turn have each kind. */
  private Map<VmobaChunk, Integer> turns() {
    List<VmobaChunk> kinds = layers.patterns().stream().map(this::kind).toList();
    var turns = new EnumMap<VmobaChunk, Integer>(VmobaChunk.class);
    var cycle = new ArrayList<VmobaChunk>();
    for (VmobaChunk kind : VmobaChunk.values()) {
      int from = cycle.size();
      while (cycle.size() < kinds.size() && kinds.get(cycle.size()) == kind) {
        cycle.add(kind);
      }
      turns.put(kind, cycle.size() - from);
    }
    for (int layer = 0; layer < kinds.size(); layer++) {
      if (cycle.isEmpty() || kinds.get(layer) != cycle.get(layer % cycle.size())) {
        throw new BadInputException(
            "Layer %d runs %s; VMoBA's layers take turns: %s."
                .formatted(
                    layers.denseLayers() + layer, layers.patterns().get(layer).label(), cycle),
            "pin the layer to what its turn is.");
      }
    }
    return turns;
  }

  private JsonNode size(VmobaChunk kind) {
    Pattern pattern = patternOf.get(kind);
    Extents chunk = pattern == null ? new Extents(1, 1, 1) : video.atMost(chunk(pattern));
    JsonNode size =
        switch (kind) {
          case TEMPORAL -> number(chunk.frames());
          case SPATIAL -> numbers(chunk.height(), chunk.width());
          case BOTH -> numbers(chunk.frames(), chunk.height(), chunk.width());
        };
    return pattern == null ? unread(kind.size(), size) : size;
  }

  /** What the rule does not read, as it was before. */
  private JsonNode unread(String key, JsonNode instead) {
    return before
        .map(root -> root.at(key).node())
        .orElseGet(
            () -> {
              losses.add("Nothing reads %s; it is written as %s.".formatted(key, instead));
              return instead;
            });
  }

  private static JsonNode number(int value) {
    return JsonFile.mapper().valueToTree(value);
  }

  private static JsonNode numbers(int... values) {
    ArrayNode array = JsonFile.mapper().createArrayNode();
    for (int value : values) {
      array.add(value);
    }
    return array;
  }
}
