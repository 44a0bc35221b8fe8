package io.sparseplan.report.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.report.view.Basis;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PagePartsTest {
  @Test
  void noScriptTurnsTextIntoMarkupOrCode() {
    assertThat(PageParts.scripts())
        .allSatisfy(
            script ->
                assertThat(script)
                    .doesNotContain(
                        "innerHTML",
                        "outerHTML",
                        "insertAdjacentHTML",
                        "document.write",
                        "DOMParser",
                        "createContextualFragment",
                        "eval(",
                        "new Function",
                        "setTimeout(\"",
                        "style:",
                        "fetch(",
                        "XMLHttpRequest",
                        "import(",
                        "WebSocket"));
  }

  @Test
  void noScriptEndsItsOwnElement() {
    assertThat(PageParts.scripts())
        .allSatisfy(script -> assertThat(script).doesNotContain("</", "<!--"));
    assertThat(PageParts.style()).doesNotContain("</", "<!--");
  }

  @Test
  void everyScriptAndStyleOfTheModuleIsInThePage() throws Exception {
    assertThat(PageParts.scripts()).containsExactlyInAnyOrderElementsOf(texts("script"));
    assertThat(texts("style")).allSatisfy(style -> assertThat(PageParts.style()).contains(style));
  }

  @Test
  void everyPanelHasItsSectionInTheTemplate() {
    List<String> ids =
        PageParts.scripts().stream()
            .filter(script -> script.contains("report.panel({"))
            .map(script -> script.split("id: \"", 2)[1].split("\"", 2)[0])
            .toList();

    assertThat(ids)
        .containsExactly(
            "verdict",
            "warnings",
            "map",
            "head",
            "trade-off",
            "explorer",
            "times",
            "search",
            "diff",
            "calibration",
            "validity",
            "table",
            "provenance");
    assertThat(ids)
        .allSatisfy(
            id ->
                assertThat(PageParts.html())
                    .contains("<section class=\"panel\" id=\"" + id + "\">"));
  }

  @Test
  void everyKindOfPatternHasAGlyph() {
    String glyphs =
        PageParts.scripts().stream()
            .filter(script -> script.contains("const glyphs = {"))
            .findFirst()
            .orElseThrow();

    assertThat(Pattern.class.getAnnotation(JsonSubTypes.class).value())
        .allSatisfy(kind -> assertThat(glyphs).contains("\n    " + kind.name() + ": \"m"));
  }

  @Test
  void everyBasisHasAColour() {
    String style = PageParts.style();

    assertThat(Basis.values())
        .allSatisfy(
            basis -> assertThat(style).contains(".basis-" + basis.name().toLowerCase(Locale.ROOT)));
  }

  private static List<String> texts(String folder) throws IOException, URISyntaxException {
    Path directory = Path.of(PageParts.class.getResource(folder).toURI());
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .sorted()
          .map(
              file -> {
                try {
                  return Files.readString(file);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              })
          .toList();
    }
  }
}
