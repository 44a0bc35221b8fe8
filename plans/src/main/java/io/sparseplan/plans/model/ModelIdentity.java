package io.sparseplan.plans.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import io.sparseplan.plans.file.Sha256;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Which model a profile or a plan is for. The hashes decide; the name is for people.
 *
 * @param name the directory's name
 * @param config hash of the bytes of {@code config.json}
 * @param weights hash over the hash and name of each weight file, in the order of names
 * @param slidingLayers layers that see only so far back; every other one sees every key
 * @param headAxis what a plan decides for: {@code q_head} or {@code kv_head}
 */
public record ModelIdentity(
    String name,
    String architecture,
    Sha256 config,
    Sha256 weights,
    LayerCount layers,
    AttentionShape attention,
    Rope rope,
    List<SlidingLayers> slidingLayers,
    HeadAxis headAxis) {
  @JsonCreator
  public ModelIdentity {
    slidingLayers = List.copyOf(slidingLayers);
    var seen = new boolean[layers.count()];
    for (SlidingLayers sliding : slidingLayers) {
      for (LayerIndex layer : sliding.layers()) {
        if (layer.value() >= seen.length || seen[layer.value()]) {
          throw new IllegalArgumentException(
              "The slidingLayers name layer %d, which is beyond the %d layers or named before."
                  .formatted(layer.value(), seen.length));
        }
        seen[layer.value()] = true;
      }
    }
  }

  /** Of a model whose layers all see every key. */
  public ModelIdentity(
      String name,
      String architecture,
      Sha256 config,
      Sha256 weights,
      LayerCount layers,
      AttentionShape attention,
      Rope rope,
      HeadAxis headAxis) {
    this(name, architecture, config, weights, layers, attention, rope, List.of(), headAxis);
  }

  /** How far back each layer sees. */
  public List<AttentionReach> reachOfLayers() {
    List<AttentionReach> reach =
        new ArrayList<>(Collections.nCopies(layers.count(), new AttentionReach.Everything()));
    for (SlidingLayers sliding : slidingLayers) {
      sliding.layers().forEach(layer -> reach.set(layer.value(), sliding.reach()));
    }
    return List.copyOf(reach);
  }

  /** All heads that a plan decides for. */
  public int headCount() {
    return layers.count() * attention.queryHeads().count();
  }

  /** The same model under another name. */
  public ModelIdentity named(String otherName) {
    return new ModelIdentity(
        otherName, architecture, config, weights, layers, attention, rope, slidingLayers, headAxis);
  }

  /** The same model, to be decided for along another axis. */
  public ModelIdentity along(HeadAxis axis) {
    return new ModelIdentity(
        name, architecture, config, weights, layers, attention, rope, slidingLayers, axis);
  }

  /**
   * Whether the other has heads of the same number, size and reach, for which a plan may decide.
   */
  public boolean sameHeads(ModelIdentity other) {
    return layers.equals(other.layers)
        && attention.equals(other.attention)
        && slidingLayers.equals(other.slidingLayers);
  }

  /** Whether a plan or profile of the other model may be used with this one. */
  public boolean sameWeights(ModelIdentity other) {
    return config.equals(other.config) && weights.equals(other.weights);
  }
}
