package io.sparseplan.plans.check;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.file.Sha256;
import io.sparseplan.plans.geometry.Tokens;
import java.util.List;

/**
 * What the heads did on one prompt.
 *
 * @param heads in layer-major order
 */
public record PromptDigest(
    @JsonProperty("promptSha256") Sha256 prompt,
    @JsonProperty("lengthTokens") Tokens length,
    List<HeadDigest> heads) {
  public PromptDigest {
    heads = List.copyOf(heads);
  }
}
