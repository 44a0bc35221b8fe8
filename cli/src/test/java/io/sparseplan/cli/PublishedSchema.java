package io.sparseplan.cli;

import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.sparseplan.plans.plan.ImportedPlanSchema;
import io.sparseplan.plans.plan.PlanSchema;
import java.util.List;

/** The published JSON Schemas of plans, as a reader who knows nothing else would apply it. */
final class PublishedSchema {
  private PublishedSchema() {}

  /** What is wrong with a plan.json; empty if nothing is. */
  static List<Error> errors(String plan) {
    return errors(plan, PlanSchema.text());
  }

  /** What is wrong with an imported plan; empty if nothing is. */
  static List<Error> errorsOfImported(String plan) {
    return errors(plan, ImportedPlanSchema.text());
  }

  private static List<Error> errors(String plan, String schema) {
    return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
        .getSchema(schema, InputFormat.JSON)
        .validate(plan, InputFormat.JSON);
  }
}
