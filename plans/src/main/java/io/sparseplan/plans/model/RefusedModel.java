package io.sparseplan.plans.model;

import io.sparseplan.plans.BadInputException;
import java.util.List;
import java.util.Locale;

/**
 * Models that are recognised and not run, each with the reason. Telltale fields come first: they
 * say more than a name, and they also catch a known architecture that was given something new.
 */
final class RefusedModel {
  private static final String LATENT =
      "multi-head latent attention (MLA) has no keys and values of single heads to choose among";
  private static final String NATIVE =
      "its attention is sparse by design and was trained so: there is no dense reference to plan"
          + " for";
  private static final String EXPERTS = "mixture-of-experts layers are not implemented";
  private static final String SOFT_CAP = "soft-capped scores are not implemented";
  private static final String RECURRENT =
      "some of its layers are linear attention or state spaces, which have no attention tiles";
  private static final String SINKS = "attention sinks that are learned are not implemented";
  private static final String QUANTISED = "quantised weights are not implemented";
  private static final String RESIDUALS = "scaled embeddings and residuals are not implemented";

  private record Rule(String name, String reason) {}

  /** Fields that only a model has which cannot be run. */
  private static final List<Rule> FIELDS =
      List.of(
          new Rule("index_topk", NATIVE),
          new Rule("index_n_heads", NATIVE),
          new Rule("index_head_dim", NATIVE),
          new Rule("sparse_config", NATIVE),
          new Rule("sparse_attention_config", NATIVE),
          new Rule("nsa_config", NATIVE),
          new Rule("moba_topk", NATIVE),
          new Rule("kv_lora_rank", LATENT),
          new Rule("attn_type_list", RECURRENT),
          new Rule("linear_num_key_heads", RECURRENT),
          new Rule("attn_logit_softcapping", SOFT_CAP),
          new Rule("final_logit_softcapping", SOFT_CAP),
          new Rule("n_routed_experts", EXPERTS),
          new Rule("num_local_experts", EXPERTS),
          new Rule("num_experts", EXPERTS),
          new Rule("quantization_config", QUANTISED),
          new Rule("scale_emb", RESIDUALS));

  /** Beginnings of {@code model_type}, the longer before the shorter. */
  private static final List<Rule> MODEL_TYPES =
      List.of(
          new Rule("deepseek_v32", NATIVE),
          new Rule("deepseek_v4", NATIVE),
          new Rule("deepseek", LATENT),
          new Rule("glm_moe_dsa", NATIVE),
          new Rule("nsa", NATIVE),
          new Rule("native_sparse", NATIVE),
          new Rule("kimi_linear", RECURRENT),
          new Rule("kimi", LATENT),
          new Rule("minimax_m2", EXPERTS),
          new Rule("minimax_m3", NATIVE),
          new Rule("minimax", RECURRENT),
          new Rule("minicpm3", LATENT),
          new Rule("minicpm", RESIDUALS),
          new Rule("longcat", LATENT),
          new Rule("gemma", "its scaled embeddings, norms and GeLU are not implemented"),
          new Rule("gpt_oss", SINKS),
          new Rule("mixtral", EXPERTS),
          new Rule("qwen2_moe", EXPERTS),
          new Rule("qwen3_moe", EXPERTS),
          new Rule("qwen3_next", RECURRENT),
          new Rule("qwen3_5", RECURRENT),
          new Rule("phimoe", EXPERTS),
          new Rule("llama4", "chunked attention and experts are not implemented"),
          new Rule("mamba", RECURRENT),
          new Rule("jamba", RECURRENT),
          new Rule("rwkv", RECURRENT));

  private RefusedModel() {}

  /**
   * @throws BadInputException if the config is of a model that is known not to run
   */
  static void refuse(ConfigFields config) {
    for (Rule rule : FIELDS) {
      if (config.has(rule.name)) {
        throw refusal(config, rule.name, config.at(rule.name).toString(), rule.reason);
      }
    }
    String modelType = config.at("model_type").asString("").toLowerCase(Locale.ROOT);
    for (Rule rule : MODEL_TYPES) {
      if (modelType.startsWith(rule.name)) {
        throw refusal(config, "model_type", modelType, rule.reason);
      }
    }
  }

  private static BadInputException refusal(
      ConfigFields config, String field, String value, String reason) {
    return new BadInputException(
        "The %s (%s) of the model config (%s) is not supported: %s."
            .formatted(field, value, config.file(), reason),
        "choose a dense model of one of the architectures %s.".formatted(Architecture.known()));
  }
}
