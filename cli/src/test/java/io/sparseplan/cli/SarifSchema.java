package io.sparseplan.cli;

import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.zip.GZIPInputStream;

/** The published JSON Schema of SARIF 2.1.0, which GitHub holds uploads against. */
final class SarifSchema {
  private static final Schema SCHEMA = read();

  private SarifSchema() {}

  private static Schema read() {
    try (InputStream packed =
            SarifSchema.class.getResourceAsStream("schemas/sarif-2.1.0-rtm.5.json.gz");
        var schema = new GZIPInputStream(packed)) {
      return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_4)
          .getSchema(schema, InputFormat.JSON);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What is wrong with a log; empty if nothing is. */
  static List<Error> errors(String log) {
    return SCHEMA.validate(log, InputFormat.JSON);
  }
}
