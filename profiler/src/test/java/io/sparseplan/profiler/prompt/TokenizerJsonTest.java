package io.sparseplan.profiler.prompt;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparseplan.plans.BadInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TokenizerJsonTest {
  @TempDir Path directory;

  private Path file(String json) throws IOException {
    return Files.writeString(directory.resolve("tokenizer.json"), json);
  }

  private static String nested(int depth) {
    return "{\"a\":" + "[".repeat(depth - 1) + "]".repeat(depth - 1) + "}";
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"model\":{\"vocab\":{\"a\":0,\"\u00e9\":1}},\"merges\":[[\"a\",\"b\"]]}",
        "{\"a\":\"\\ud83d\\ude00\"}",
        "{\"\\ud83d\\ude00\":null}",
        "{\"a\":1.7976931348623157e308,\"b\":-0.0,\"c\":true}"
      })
  void whatTheLibraryReadsIsLetThrough(String json) throws IOException {
    Path file = file(json);
    assertThatCode(() -> TokenizerJson.requireReadable(file)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      textBlock =
          """
          []                             | it is no object
          "a"                            | it is no object
          {"a":1e999}                    | the number
          {"a":[{"b":-1e400}]}           | the number
          {"a":"\\ud83d"}                | half a surrogate pair
          {"a":["x\\ude00"]}             | half a surrogate pair
          {"\\ud83d":1}                  | surrogate
          {"a":{"b\\ude00\\ud83d":1}}    | surrogate
          {"a":1,"a":2}                  | is not valid
          {"a":1                         | is not valid
          {"a":NaN}                      | is not valid
          {"a":1} x                      | is not valid
          null                           | is not valid
          """)
  void whatTheLibraryWouldPanicAtIsRefused(String json, String named) throws IOException {
    Path file = file(json);
    assertThatThrownBy(() -> TokenizerJson.requireReadable(file))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("The tokenizer (" + file + ")")
        .hasMessageContaining(named)
        .hasMessageContaining("\nMaybe ");
  }

  @Test
  void nestingIsBoundedBelowTheLibrarysOwnLimit() throws IOException {
    Path deepest = file(nested(100));
    assertThatCode(() -> TokenizerJson.requireReadable(deepest)).doesNotThrowAnyException();
    Path deeper = file(nested(101));
    assertThatThrownBy(() -> TokenizerJson.requireReadable(deeper))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("nested more than 100 deep");
  }

  @Test
  void aMissingFileIsNamed() {
    Path missing = directory.resolve("tokenizer.json");
    assertThatThrownBy(() -> TokenizerJson.requireReadable(missing))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(missing + ") does not exist");
  }
}
