package io.sparseplan.plans.model;

import io.sparseplan.plans.file.Sha256;

/**
 * Which model a profile or a plan is for. The hashes decide; the name is for people.
 *
 * @param name the directory's name
 * @param config hash of the bytes of {@code config.json}
 * @param weights hash over the hash and name of each weight file, in the order of names
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
    HeadAxis headAxis) {
  /** All heads that a plan decides for. */
  public int headCount() {
    return layers.count() * attention.queryHeads().count();
  }

  /** The same model, to be decided for along another axis. */
  public ModelIdentity along(HeadAxis axis) {
    return new ModelIdentity(name, architecture, config, weights, layers, attention, rope, axis);
  }

  /** Whether a plan or profile of the other model may be used with this one. */
  public boolean sameWeights(ModelIdentity other) {
    return config.equals(other.config) && weights.equals(other.weights);
  }
}
