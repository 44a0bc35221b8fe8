package io.sparseplan.plans.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparseplan.plans.BadInputException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SafetensorsTest {
  private static final String GOOD =
      """
      {"__metadata__":{"format":"pt"},"a":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]},\
      "b":{"dtype":"F16","shape":[1,2],"data_offsets":[4,8]},\
      "c":{"dtype":"F32","shape":[],"data_offsets":[8,12]}}""";

  @TempDir Path directory;

  private static byte[] file(String header, byte[] data) {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(8 + text.length + data.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(text.length)
        .put(text)
        .put(data)
        .array();
  }

  private static byte[] goodData() {
    return ByteBuffer.allocate(12)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putShort((short) 0x3fc0)
        .putShort((short) 0xc000)
        .putShort(Float.floatToFloat16(0.25f))
        .putShort(Float.floatToFloat16(-3f))
        .putFloat(0.1f)
        .array();
  }

  private Path write(String name, byte[] bytes) throws IOException {
    return Files.write(directory.resolve(name), bytes);
  }

  @Test
  void everyFloatTypeIsWidenedExactly() throws IOException {
    Path path = write("m.safetensors", file(GOOD, goodData()));
    try (Arena arena = Arena.ofConfined()) {
      SafetensorsFile file = SafetensorsFile.map(path, arena);
      assertThat(file.names()).containsExactly("a", "b", "c");
      assertThat(file.tensor("a").toFloats()).containsExactly(1.5f, -2f);
      assertThat(file.tensor("b").toFloats()).containsExactly(0.25f, -3f);
      assertThat(file.tensor("b").shape()).containsExactly(1L, 2L);
      assertThat(file.tensor("c").toFloats()).containsExactly(0.1f);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]",
        "{",
        "{\"a\":{}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,11]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[12,0]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[-3],\"data_offsets\":[0,12]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,0]}}",
        "{\"a\":{\"dtype\":\"F8_E4M3\",\"shape\":[12],\"data_offsets\":[0,11]}}",
        "{\"a\":{\"dtype\":\"F8_E4M3\",\"shape\":[12],\"data_offsets\":[12,0]}}",
        "{\"a\":{\"dtype\":7,\"shape\":[12],\"data_offsets\":[0,12]}}",
        "{\"a\":{\"shape\":[12],\"data_offsets\":[0,12]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,12]},"
            + "\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,12]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
            + "\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}",
      })
  void aHeaderThatDoesNotFitIsRefused(String header) throws IOException {
    Path path = write("bad.safetensors", file(header, new byte[12]));
    assertRefused(path);
  }

  @Test
  void aTypeThatIsNotKnownIsAnErrorOnlyWhenItsTensorIsAskedFor() throws IOException {
    String header =
        """
        {"scales":{"dtype":"F8_E8M0","shape":[3],"data_offsets":[0,3]},\
        "w":{"dtype":"F32","shape":[1],"data_offsets":[3,7]}}""";
    Path path = write("mixed.safetensors", file(header, new byte[] {9, 9, 9, 0, 0, 0x40, 0x40}));
    try (Arena arena = Arena.ofConfined()) {
      SafetensorsFile file = SafetensorsFile.map(path, arena);
      assertThat(file.names()).containsExactly("scales", "w");
      assertThat(file.tensor("w").toFloats()).containsExactly(3f);
      assertThatThrownBy(() -> file.tensor("scales"))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("dtype (F8_E8M0) of tensor scales")
          .hasMessageContaining("\nMaybe ");
    }
  }

  @Test
  void everyTruncationIsRefused() throws IOException {
    byte[] good = file(GOOD, goodData());
    for (int length = 0; length < good.length; length++) {
      assertRefused(write("cut%d.safetensors".formatted(length), Arrays.copyOf(good, length)));
    }
  }

  @Test
  void noFlippedBitEscapesAsAnotherException() throws IOException {
    byte[] good = file(GOOD, goodData());
    var random = new Random(7);
    for (int trial = 0; trial < 2000; trial++) {
      byte[] bad = good.clone();
      int bit = random.nextInt((good.length - 12) * 8);
      bad[bit / 8] ^= (byte) (1 << bit % 8);
      Path path = write("flip.safetensors", bad);
      try (Arena arena = Arena.ofConfined()) {
        SafetensorsFile file = SafetensorsFile.map(path, arena);
        file.names().forEach(name -> file.tensor(name).elements());
      } catch (BadInputException refused) {
        assertThat(refused.getMessage()).contains("flip.safetensors").contains("\nMaybe ");
      }
    }
  }

  @Test
  void aValueThatIsNotFiniteIsNamedWithItsPlace() throws IOException {
    byte[] data = goodData();
    data[2] = (byte) 0xc0;
    data[3] = 0x7f;
    Path path = write("nan.safetensors", file(GOOD, data));
    try (Arena arena = Arena.ofConfined()) {
      Tensor tensor = SafetensorsFile.map(path, arena).tensor("a");
      assertThatThrownBy(tensor::toFloats)
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("tensor a has a value (NaN) at element 1");
    }
  }

  @Test
  void shardsAreReadThroughTheIndex() throws IOException {
    write("one.safetensors", file(GOOD, goodData()));
    write(
        "two.safetensors",
        file("{\"z\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", new byte[4]));
    write(
        "three.safetensors",
        file("{\"u\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", new byte[1]));
    index("{\"a\":\"one.safetensors\",\"z\":\"two.safetensors\",\"u\":\"three.safetensors\"}");
    Checkpoint checkpoint = Checkpoint.open(directory);
    assertThat(checkpoint.tensor("z").toFloats()).containsExactly(0f);
    assertThat(checkpoint.tensor("a").toFloats()).hasSize(2);
    assertThatThrownBy(() -> checkpoint.tensor("q"))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("has no tensor q");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"a\":\"../one.safetensors\"}",
        "{\"a\":\"/etc/passwd\"}",
        "{\"a\":\"sub/one.safetensors\"}",
        "{\"a\":\"..\"}",
        "{\"a\":\"\"}",
        "{\"a\":3}",
        "{\"a\":\"missing.safetensors\"}",
        "{\"q\":\"one.safetensors\"}",
        "{}"
      })
  void anIndexThatLeavesTheDirectoryOrNamesWhatIsNotThereIsRefused(String weightMap)
      throws IOException {
    write("one.safetensors", file(GOOD, goodData()));
    index(weightMap);
    assertThatThrownBy(() -> Checkpoint.open(directory))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("\nMaybe ");
  }

  private void index(String weightMap) throws IOException {
    Files.writeString(
        directory.resolve("model.safetensors.index.json"),
        "{\"metadata\":{},\"weight_map\":%s}".formatted(weightMap));
  }

  private static void assertRefused(Path path) {
    try (Arena arena = Arena.ofConfined()) {
      assertThatThrownBy(() -> SafetensorsFile.map(path, arena))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining(path.toString())
          .hasMessageContaining("\nMaybe ");
    }
  }
}
