package io.sparseplan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.plans.format.Format;
import io.sparseplan.plans.format.Formats;
import io.sparseplan.plans.format.SupportMatrix;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The documented matrix is the one that the program has, and its tests are there. */
final class FormatsDocumentTest {
  private static final Path ROOT = Path.of("..");

  private static String link(String test) {
    for (String module : new String[] {"plans", "costmodel", "profiler", "search", "cli"}) {
      try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src").resolve("test"))) {
        var found =
            files.filter(file -> file.getFileName().toString().equals(test + ".java")).findFirst();
        if (found.isPresent()) {
          return "../" + ROOT.relativize(found.get()).toString().replace('\\', '/');
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    throw new AssertionError("There is no test " + test);
  }

  @Test
  void theDocumentHasTheMatrix() throws IOException {
    assertThat(Files.readString(ROOT.resolve("docs").resolve("formats.md")))
        .contains(SupportMatrix.markdown(FormatsDocumentTest::link));
  }

  @Test
  void everyFormatHasARowAndALine() {
    assertThat(SupportMatrix.rows().stream().map(SupportMatrix.Row::format))
        .containsExactlyElementsOf(Formats.all());
    String shown = CommandRun.of("show", "formats").succeeded().out();
    for (Format format : Formats.all()) {
      assertThat(shown).contains(format.name()).contains(format.file()).contains(format.loses());
    }
  }
}
