package io.sparseplan.plans.model;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** The architectures that this program runs, under Hugging Face's class names. */
public enum Architecture {
  LLAMA("LlamaForCausalLM"),
  /** Llama whose layers may all have a sliding window. */
  MISTRAL("MistralForCausalLM"),
  /** Llama with biases on q, k and v, and a sliding window in some layers. */
  QWEN2("Qwen2ForCausalLM"),
  /** Llama with RMSNorm on each head's q and k, and a sliding window in some layers. */
  QWEN3("Qwen3ForCausalLM"),
  /** Llama with q, k and v in one matrix, gate and up in another, and partly rotated heads. */
  PHI3("Phi3ForCausalLM");

  private final String className;

  Architecture(String className) {
    this.className = className;
  }

  /** The architecture of that class name, if this program runs it. */
  public static Optional<Architecture> named(String className) {
    return Arrays.stream(values())
        .filter(architecture -> architecture.className.equals(className))
        .findFirst();
  }

  /** All class names, for messages. */
  public static String known() {
    return Arrays.stream(values()).map(Architecture::className).collect(Collectors.joining(", "));
  }

  /** Hugging Face's class name, such as {@code LlamaForCausalLM}. */
  public String className() {
    return className;
  }

  /** Whether each head's query and key are normalised before rotation. */
  public boolean normalisesHeads() {
    return this == QWEN3;
  }

  /** Whether q, k and v are the rows of one matrix, and gate and up those of another. */
  public boolean fusesProjections() {
    return this == PHI3;
  }
}
