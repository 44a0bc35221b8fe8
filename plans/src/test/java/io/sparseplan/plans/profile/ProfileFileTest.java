package io.sparseplan.plans.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.LayerCount;
import io.sparseplan.plans.model.QueryHeads;
import io.sparseplan.plans.safetensors.Dtype;
import io.sparseplan.plans.safetensors.SafetensorsFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

final class ProfileFileTest {
  @TempDir Path directory;

  private Path write(Profile profile) throws IOException {
    Path file = directory.resolve("p.profile");
    profile.write(file);
    return file;
  }

  @Test
  void aProfileReadsBackAsItWas() throws IOException {
    Profile profile = SampleProfile.SMALL.of(3, 1, 20);
    Profile read = Profile.read(write(profile));
    assertThat(read).usingRecursiveComparison().isEqualTo(profile);
    Path again = directory.resolve("again.profile");
    read.write(again);
    assertThat(again).hasSameBinaryContentAs(directory.resolve("p.profile"));
  }

  @Test
  void theOrderInWhichPromptsRanDoesNotShow() throws IOException {
    Path one = write(SampleProfile.SMALL.of(1, 2, 3));
    Path other = directory.resolve("other.profile");
    SampleProfile.SMALL.of(3, 1, 2).write(other);
    assertThat(other).hasSameBinaryContentAs(one);
  }

  /** So that any safetensors reader gives aligned arrays, one a statistic and prompt. */
  @Test
  void strangersFindOneAlignedTensorAStatisticAndPrompt() throws IOException {
    Profile profile = SampleProfile.SMALL.of(1, 2);
    Path file = write(profile);
    ObjectNode header = header(Files.readAllBytes(file));
    long dataAt =
        ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN).getLong();
    try (Arena arena = Arena.ofConfined()) {
      SafetensorsFile tensors = SafetensorsFile.map(file, arena);
      for (PromptStatistics prompt : profile.prompts()) {
        String name = prompt.prompt().hex() + ".firstOrder.rowRms";
        assertThat(tensors.tensor(name).dtype()).isEqualTo(Dtype.F32);
        assertThat(tensors.tensor(name).shape()).containsExactly(6L, 4L);
        long begin = header.path(name).path("data_offsets").get(0).longValue();
        assertThat((8 + dataAt + begin) % 4).isZero();
        float[] values = tensors.tensor(name).toFloats();
        assertThat(values[5 * 4 + 3]).isEqualTo(prompt.heads().get(5).firstOrder().rowRms()[3]);
      }
    }
  }

  /**
   * 32 layers of 32 heads, 64 candidates, ten of which select, 8,192 tokens: at most 4 MB a prompt.
   */
  @Test
  void aPromptOfALargeModelTakesFourMegabytesAtMost() throws IOException {
    var large = new SampleProfile(new LayerCount(32), new QueryHeads(32), 64);
    long one = Files.size(write(large.of(List.of(large.prompt(1, Tokens.of(8192))))));
    long two =
        Files.size(
            write(
                large.of(
                    List.of(large.prompt(1, Tokens.of(8192)), large.prompt(2, Tokens.of(8192))))));
    assertThat(two - one).isLessThanOrEqualTo(4_000_000);
    assertThat(one - (two - one)).as("what is there once").isLessThanOrEqualTo(30_000);
  }

  private void assertRefused(Path file, String why) {
    assertThatThrownBy(() -> Profile.read(file))
        .isInstanceOf(BadInputException.class)
        .hasMessageStartingWith("The profile")
        .hasMessageContaining("(" + file + ")")
        .hasMessageContaining(why)
        .hasMessageContaining("\nMaybe ");
  }

  @Test
  void aFileThatIsMissing() {
    assertRefused(directory.resolve("none.profile"), "does not exist");
  }

  @Test
  void aProfileInJsonIsTooOld() throws IOException {
    assertRefused(
        Files.writeString(directory.resolve("old.profile"), "{\"schemaVersion\":2}"),
        "as profiles up to schema 2 were");
  }

  @Test
  void aFileThatIsCutShortAnywhere() throws IOException {
    byte[] whole = Files.readAllBytes(write(SampleProfile.SMALL.of(1)));
    for (int length = 0; length < whole.length; length += 97) {
      Path file = directory.resolve("cut-%d.profile".formatted(length));
      Files.write(file, Arrays.copyOf(whole, length));
      assertRefused(file, "profile");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          "schemaVersion":5       | "schemaVersion":6          | schemaVersion (6)
          "schemaVersion":5       | "schemaVersion":4          | profile the model again
          "schemaVersion":5       | "schemaVersion":5,"more":1 | more
          "arithmetic":"float32"  | "arithmetic":"int8"        | int8
          "visibility":"CAUSAL"   | "visibility":"SIDEWAYS"  | SIDEWAYS
          "visibility":"CAUSAL"   | "visibility":"BIDIRECTIONAL" | v30+d100 means nothing
          "objective":"margin"    | "objective":"luck"         | luck
          "layers":2              | "layers":3                 | 9, any
          "answerTokens":1        | "answerTokens":"1"         | answerTokens
          "answerTokens":1        | "answerTokens":1,"answerTokens":2 | answerTokens
          "lengthTokens":128,"pro | "lengthTokens":256,"pro    | promptSet
          "kind":"dense"          | "kind":"sparse"            | sparse
          "alphaTokens":256       | "alphaTokens":128          | twice
          """)
  void aHeaderThatDoesNotFit(String from, String to, String named) throws IOException {
    byte[] whole = Files.readAllBytes(write(SampleProfile.SMALL.of(1)));
    Path file =
        withHeader(
            whole,
            header -> {
              ObjectNode metadata = (ObjectNode) header.path("__metadata__");
              String profile = metadata.path("profile").asString();
              assertThat(profile).contains(from);
              metadata.put("profile", profile.replace(from, to));
            });
    assertRefused(file, named);
  }

  @Test
  void aHeaderWithoutARun() throws IOException {
    byte[] whole = Files.readAllBytes(write(SampleProfile.SMALL.of(1)));
    assertRefused(
        withHeader(whole, header -> ((ObjectNode) header.path("__metadata__")).remove("run")),
        "no run");
  }

  @Test
  void aTensorOfAnotherShapeTypeOrName() throws IOException {
    Profile profile = SampleProfile.SMALL.of(1);
    byte[] whole = Files.readAllBytes(write(profile));
    String recall = profile.prompts().getFirst().prompt().hex() + ".recall";
    assertRefused(
        withHeader(whole, header -> shape(header, recall).removeAll().add(24)), recall + " is F32");
    assertRefused(
        withHeader(whole, header -> shape(header, recall).removeAll().add(4).add(6)),
        recall + " is F32");
    assertRefused(
        withHeader(whole, header -> shape(header, recall).removeAll().add(6).add(3)), recall);
    assertRefused(
        withHeader(whole, header -> ((ObjectNode) header.path(recall)).put("dtype", "I32")),
        recall + " is I32");
    assertRefused(
        withHeader(whole, header -> header.set("recoil", header.remove(recall))), "recoil");
  }

  @Test
  void aDuplicateTensor() throws IOException {
    byte[] whole = Files.readAllBytes(write(SampleProfile.SMALL.of(1)));
    byte[] twice =
        new String(whole, StandardCharsets.ISO_8859_1)
            .replaceFirst("\\.worstDecileRecall", ".recall")
            .getBytes(StandardCharsets.ISO_8859_1);
    ByteBuffer.wrap(twice)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getLong() - 11);
    Path file = Files.write(directory.resolve("twice.profile"), twice);
    assertRefused(file, "recall");
  }

  @ParameterizedTest
  @CsvSource({"NaN, recall", "Infinity, outputError", "1.5, recall", "-1, outputError"})
  void aValueThatCannotBe(float value, String component) throws IOException {
    Profile profile = SampleProfile.SMALL.of(1);
    byte[] whole = Files.readAllBytes(write(profile));
    String name = profile.prompts().getFirst().prompt().hex() + "." + component;
    long at = header(whole).path(name).path("data_offsets").get(0).longValue();
    var bytes = ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putFloat((int) (8 + bytes.getLong(0) + at), value);
    Path file = Files.write(directory.resolve("value.profile"), whole);
    assertThatThrownBy(() -> Profile.read(file))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(component)
        .hasMessageContaining(Float.toString(value));
  }

  @Test
  void noPromptIsThereTwice() {
    assertThatThrownBy(() -> SampleProfile.SMALL.of(1, 1)).hasMessageContaining("twice");
  }

  private static ArrayNode shape(ObjectNode header, String tensor) {
    return (ArrayNode) header.path(tensor).path("shape");
  }

  private static ObjectNode header(byte[] file) {
    int length = (int) ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
    return (ObjectNode)
        JsonFile.mapper().readTree(new String(file, 8, length, StandardCharsets.UTF_8));
  }

  /** The same file with another header. */
  private Path withHeader(byte[] file, Consumer<ObjectNode> edit) throws IOException {
    int length = (int) ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
    ObjectNode header = header(file);
    edit.accept(header);
    byte[] text = JsonFile.mapper().writeValueAsBytes(header);
    byte[] edited =
        ByteBuffer.allocate(file.length - length + text.length)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(text.length)
            .put(text)
            .put(file, 8 + length, file.length - 8 - length)
            .array();
    return Files.write(directory.resolve("edited.profile"), edited);
  }
}
