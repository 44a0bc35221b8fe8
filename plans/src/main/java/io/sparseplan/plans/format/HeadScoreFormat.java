package io.sparseplan.plans.format;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.format.ScoredHeads.HeadScore;
import io.sparseplan.plans.model.HeadAxis;
import io.sparseplan.plans.model.ModelIdentity;
import io.sparseplan.plans.plan.ImportedFrom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Retrieval_Head's and HeadKV's {@code {"layer-head": [score of each trial]}}, of query heads. Keys
 * are read by their numbers, whatever their order; HeadKV's own loader goes by order.
 */
final class HeadScoreFormat implements ScoresFormat {
  private static final Pattern KEY = Pattern.compile("(0|[1-9]\\d{0,4})-(0|[1-9]\\d{0,4})");

  private final Whose whose;

  private enum Whose {
    RETRIEVAL_HEAD,
    HEADKV
  }

  private HeadScoreFormat(Whose whose) {
    this.whose = whose;
  }

  static HeadScoreFormat ofRetrievalHead() {
    return new HeadScoreFormat(Whose.RETRIEVAL_HEAD);
  }

  static HeadScoreFormat ofHeadKv() {
    return new HeadScoreFormat(Whose.HEADKV);
  }

  @Override
  public String name() {
    return switch (whose) {
      case RETRIEVAL_HEAD -> "retrieval-head";
      case HEADKV -> "headkv";
    };
  }

  @Override
  public String system() {
    return switch (whose) {
      case RETRIEVAL_HEAD -> "Retrieval_Head, KVCache-Factory";
      case HEADKV -> "HeadKV";
    };
  }

  @Override
  public String file() {
    return "JSON {\"layer-head\": [score of each trial]}, query heads";
  }

  @Override
  public String loses() {
    return "";
  }

  @Override
  public ImportedFrom kept(PeerSource source) {
    return source.kept(name(), PeerSource.Text.LEFT_OUT);
  }

  private String statistic() {
    return switch (whose) {
      case RETRIEVAL_HEAD -> "needle tokens that the head copied ÷ needle tokens, by trial";
      case HEADKV -> "attention on the needle among the head's top keys, by trial";
    };
  }

  @Override
  public boolean recognises(PeerSource source) {
    if (!source.mainName().endsWith(".json")) {
      return false;
    }
    JsonField root = source.json();
    boolean ofHeadKv = source.mainName().contains("reason");
    return root.node().isObject()
        && root.node().path("0-0").isArray()
        && ofHeadKv == (whose == Whose.HEADKV);
  }

  @Override
  public FileShape shape(PeerSource source) {
    int layers = 0;
    int heads = 0;
    for (Map.Entry<String, JsonField> property : source.json().properties()) {
      Matcher key = KEY.matcher(property.getKey());
      if (!key.matches()) {
        throw property.getValue().refuse("has a key that is not layer-head");
      }
      layers = Math.max(layers, Integer.parseInt(key.group(1)) + 1);
      heads = Math.max(heads, Integer.parseInt(key.group(2)) + 1);
    }
    return FileShape.of(layers, heads);
  }

  @Override
  public ScoredHeads read(PeerSource source, ModelIdentity model) {
    int layers = model.layers().count();
    int heads = model.attention().queryHeads().count();
    JsonField root = source.json();
    var scores = new HeadScore[layers][heads];
    int trials = -1;
    for (Map.Entry<String, JsonField> property : root.properties()) {
      JsonField field = property.getValue();
      Matcher key = KEY.matcher(property.getKey());
      if (!key.matches()) {
        throw field.refuse("has a key that is not layer-head, such as 3-17");
      }
      int layer = root.index(key.group(1), layers, "layers");
      int head = root.index(key.group(2), heads, "query heads");
      List<JsonField> ofTrials = field.elements();
      trials = trials < 0 ? ofTrials.size() : trials;
      if (ofTrials.isEmpty()) {
        throw field.refuse("has no trial: none passed the gate of its program");
      }
      if (ofTrials.size() != trials) {
        throw field.refuse("has %d trials, the first head %d".formatted(ofTrials.size(), trials));
      }
      scores[layer][head] =
          new HeadScore(ofTrials.stream().map(trial -> trial.number(0, Double.MAX_VALUE)).toList());
    }
    var rows = new ArrayList<List<HeadScore>>();
    for (int layer = 0; layer < layers; layer++) {
      for (int head = 0; head < heads; head++) {
        if (scores[layer][head] == null) {
          throw root.refuse(
              "lacks the key \"%d-%d\"; the model has %d layers of %d query heads"
                  .formatted(layer, head, layers, heads));
        }
      }
      rows.add(Arrays.asList(scores[layer]));
    }
    return new ScoredHeads(HeadAxis.QUERY_HEAD, statistic(), rows);
  }

  @Override
  public Exported write(HeadScores scores) {
    if (scores.scores().axis() != HeadAxis.QUERY_HEAD) {
      throw new BadInputException(
          "The scores are of KV heads; %s has them of query heads.".formatted(name()),
          "export to duo-attention.");
    }
    ObjectNode root = JsonFile.mapper().createObjectNode();
    List<List<HeadScore>> layers = scores.scores().layers();
    for (int layer = 0; layer < layers.size(); layer++) {
      for (int head = 0; head < layers.get(layer).size(); head++) {
        ArrayNode trials = root.putArray(layer + "-" + head);
        layers.get(layer).get(head).trials().forEach(trials::add);
      }
    }
    return Exported.text(
        "head_score.json", JsonFile.mapper().writeValueAsString(root) + "\n", List.of());
  }
}
