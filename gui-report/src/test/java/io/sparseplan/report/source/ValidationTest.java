package io.sparseplan.report.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparseplan.plans.BadInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ValidationTest {
  private static final String MEASURED =
      "{\"line\":1,\"predicted_ms\":2.0,\"measured_ms\":4.0,\"in_range\":true,\"why\":[]}";
  private static final String NOT_MEASURED =
      "{\"line\":2,\"predicted_ms\":1.0,\"in_range\":true,\"why\":[]}";

  @TempDir Path directory;

  private Path file(String json) throws IOException {
    return Files.writeString(directory.resolve("validation.json"), json);
  }

  @Test
  void rowsThatWereMeasuredAreKept() throws IOException {
    Validation validation = Validation.read(file("[%s,%s]".formatted(NOT_MEASURED, MEASURED)));
    assertThat(validation.rows()).singleElement().satisfies(row -> assertThat(row.line()).isOne());
    assertThat(validation.absoluteErrors()).containsExactly(0.5);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[null]",
        "[" + MEASURED + ",null]",
        "[1]",
        "[[]]",
        "[{}]",
        "{}",
        "null",
        "[",
        "[]"
      })
  void whatIsNoListOfPricedRowsIsRefused(String json) throws IOException {
    Path file = file(json);
    assertThatThrownBy(() -> Validation.read(file))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("alidation")
        .hasMessageContaining("\nMaybe ");
  }
}
