package io.sparseplan.cli;

import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.sparseplan.plans.plan.PlanSchema;
import java.util.List;

/** The plan's published JSON Schema, as a reader who knows nothing else would apply it. */
final class PublishedSchema {
  private PublishedSchema() {}

  /** What is wrong with a plan.json; empty if nothing is. */
  static List<Error> errors(String plan) {
    return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
        .getSchema(PlanSchema.text(), InputFormat.JSON)
        .validate(plan, InputFormat.JSON);
  }
}
