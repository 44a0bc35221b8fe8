package io.sparseplan.plans.plan;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The published JSON Schema (draft 2020-12) of {@code plan.json}. */
public final class PlanSchema {
  private PlanSchema() {}

  /** The schema's text. */
  public static String text() {
    try (InputStream in = PlanSchema.class.getResourceAsStream("plan.schema.json")) {
      if (in == null) {
        throw new IllegalStateException("The resource plan.schema.json is not in the jar.");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
