package io.sparseplan.plans.file;

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

final class JsonFileTest {
  /** Something of each kind that our files hold. */
  record Thing(String name, double value, int count) {}

  @TempDir Path directory;

  @Test
  void aRecordReadsBackAsItWas() throws IOException {
    Path file = directory.resolve("thing.json");
    var thing = new Thing("a \u2028 \"b\"", 0.1, -3);
    JsonFile.write(file, thing);
    assertThat(JsonFile.read(file, Thing.class, "thing")).isEqualTo(thing);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "null",
        "[]",
        "{\"name\":\"a\",\"value\":1}",
        "{\"name\":\"a\",\"value\":1,\"count\":2,\"more\":3}",
        "{\"name\":\"a\",\"value\":1,\"count\":2,\"count\":2}",
        "{\"name\":\"a\",\"value\":1,\"count\":2} x",
        "{\"name\":null,\"value\":1,\"count\":2}",
        "{\"name\":\"a\",\"value\":null,\"count\":2}",
        "{\"name\":\"a\",\"value\":\"1\",\"count\":2}",
        "{\"name\":\"a\",\"value\":\"NaN\",\"count\":2}",
        "{\"name\":\"a\",\"value\":NaN,\"count\":2}",
        "{\"name\":\"a\",\"value\":1e999,\"count\":2}",
        "{\"name\":\"a\",\"value\":1,\"count\":2.5}",
        "{\"name\":\"a\",\"value\":1,\"count\":99999999999}"
      })
  void whatDoesNotFitIsRefusedWithTheFilesName(String json) throws IOException {
    Path file = Files.writeString(directory.resolve("thing.json"), json);
    assertThatThrownBy(() -> JsonFile.read(file, Thing.class, "thing"))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("The thing (" + file + ")")
        .hasMessageContaining("\nMaybe ");
  }

  @Test
  void theFieldIsNamed() throws IOException {
    Path file =
        Files.writeString(
            directory.resolve("thing.json"), "{\"name\":\"a\",\"value\":\"NaN\",\"count\":2}");
    assertThatThrownBy(() -> JsonFile.read(file, Thing.class, "thing"))
        .hasMessageContaining("in field value");
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY})
  void aValueThatIsNotFiniteIsNeverWritten(double value) {
    Path file = directory.resolve("thing.json");
    assertThatThrownBy(() -> JsonFile.write(file, new Thing("a", value, 1)))
        .hasMessageContaining("not finite");
    assertThat(file).doesNotExist();
  }
}
