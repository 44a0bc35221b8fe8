package io.sparseplan.plans.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TextFileTest {
  private static final int MOST_CHARACTERS = 5;

  @TempDir Path directory;

  private static List<String> lines(String text) throws IOException {
    var lines = new ArrayList<String>();
    var reader = new BufferedReader(new StringReader(text));
    for (var line = TextFile.line(reader, MOST_CHARACTERS);
        line.isPresent();
        line = TextFile.line(reader, MOST_CHARACTERS)) {
      lines.add(line.get());
    }
    return lines;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\n",
        "\r",
        "\r\n",
        "a",
        "a\n",
        "a\nb",
        "\n\na",
        "a\r\rb\r\n\nc",
        "12345\r\n1"
      })
  void linesAreThoseOfTheLibrary(String text) throws IOException {
    assertThat(lines(text)).isEqualTo(new BufferedReader(new StringReader(text)).lines().toList());
  }

  @ParameterizedTest
  @ValueSource(strings = {"123456", "1\n123456\n", "\r123456"})
  void aLineThatIsTooLongIsRefused(String text) {
    assertThatThrownBy(() -> lines(text))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("longer than 5 characters");
  }

  private Path packed(byte[] content) throws IOException {
    Path file = directory.resolve("text.gz");
    try (var out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write(content);
    }
    return file;
  }

  @Test
  void packedTextIsUnpacked() throws IOException {
    try (BufferedReader text =
        TextFile.open(packed("a \u00e9\nb".getBytes(StandardCharsets.UTF_8)))) {
      assertThat(text.lines()).containsExactly("a \u00e9", "b");
    }
  }

  @Test
  void whatUnpacksToFarMoreThanATextIsRefusedBeforeItFillsTheMemory() throws IOException {
    Path file = packed(new byte[64 << 20]);
    assertThat(Files.size(file)).isLessThan(100_000);
    try (BufferedReader text = TextFile.open(file)) {
      assertThatThrownBy(() -> TextFile.line(text))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("unpack to more than 200 times as many");
    }
  }

  @Test
  void malformedUtf8IsRefused() throws IOException {
    Path file = Files.write(directory.resolve("text"), new byte[] {'a', (byte) 0xc3, '\n'});
    try (BufferedReader text = TextFile.open(file)) {
      assertThatThrownBy(() -> TextFile.line(text)).isInstanceOf(IOException.class);
    }
  }
}
