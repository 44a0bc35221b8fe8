package io.sparseplan.plans.plan;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How the plan was chosen: by this project's search, or in the way of a peer, as a baseline. */
public enum Strategy {
  /** The exact separable solution, improved by OptaPlanner on the simulated times. */
  @JsonProperty("optaplanner")
  OPTAPLANNER,
  /** One pattern for every head, the best that keeps to the goal: StreamingLLM's way. */
  @JsonProperty("uniform")
  UNIFORM,
  /** The most attention mass within the same density for every head. */
  @JsonProperty("minference")
  MINFERENCE,
  /** The least influence of dropped entries within a mean density, two rules a layer. */
  @JsonProperty("moa")
  MOA,
  /** The heads that matter most dense, all others streaming. */
  @JsonProperty("duo_attention")
  DUO_ATTENTION,
  /** The heads that look most for what was there before dense, all others streaming. */
  @JsonProperty("razor_attention")
  RAZOR_ATTENTION,
  /** The least sum of error and weighted density for each head, dense where that is too much. */
  @JsonProperty("sparse_vdit")
  SPARSE_VDIT,
  /** Densities that fall from layer to layer. */
  @JsonProperty("pyramid_kv")
  PYRAMID_KV,
  /** Any candidate within a density for any head. */
  @JsonProperty("random")
  RANDOM
}
