package io.sparseplan.profiler.capture;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.file.SchemaVersion;
import io.sparseplan.plans.file.Sha256;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.model.LayerCount;
import io.sparseplan.plans.profile.Objective;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/**
 * {@code capture.json}: what was captured, of which model.
 *
 * @param objective whose gradients were captured; empty if none were
 * @param samples one a prompt or denoising step, each in a directory of its name
 */
record CaptureHeader(
    SchemaVersion schemaVersion,
    CapturedModel model,
    CaptureLayout layout,
    Optional<Objective> objective,
    List<Sample> samples) {
  CaptureHeader {
    samples = List.copyOf(samples);
    if (samples.isEmpty()) {
      throw new IllegalArgumentException("The capture has no samples.");
    }
    var names = new HashSet<String>();
    for (Sample sample : samples) {
      if (!names.add(sample.name)) {
        throw new IllegalArgumentException("The sample %s is there twice.".formatted(sample.name));
      }
    }
    if (objective.equals(Optional.of(Objective.NONE))) {
      throw new IllegalArgumentException("The objective none is written by leaving it out.");
    }
  }

  /**
   * The model, as far as attention knows it.
   *
   * @param name for people
   * @param architecture the class name of the model
   * @param weights names the weights: a hash of the files, or of any text that no other weights
   *     have
   * @param ropeTheta base of the rotary embedding, for the record: q and k are captured rotated
   */
  record CapturedModel(
      String name,
      String architecture,
      @JsonProperty("weightsSha256") Sha256 weights,
      LayerCount layers,
      AttentionShape attention,
      double ropeTheta) {
    CapturedModel {
      if (!(ropeTheta > 1 && Double.isFinite(ropeTheta))) {
        throw new IllegalArgumentException(
            "The ropeTheta (%s) must exceed 1.".formatted(ropeTheta));
      }
    }
  }

  /**
   * One prompt.
   *
   * @param name a file name without a separator
   * @param answerTokens tokens that count as answers, perhaps none
   */
  record Sample(String name, int answerTokens) {
    Sample {
      if (!name.matches("[A-Za-z0-9_][A-Za-z0-9._-]*")) {
        throw new IllegalArgumentException(
            "The sample's name (%s) is not a plain file name.".formatted(name));
      }
      if (answerTokens < 0) {
        throw new IllegalArgumentException(
            "The answerTokens (%d) of sample %s are negative.".formatted(answerTokens, name));
      }
    }
  }
}
