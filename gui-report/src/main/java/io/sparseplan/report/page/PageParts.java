package io.sparseplan.report.page;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The pieces of the page, in the order in which the browser reads them. */
final class PageParts {
  /** One a panel, between what they all use and what starts them. */
  private static final List<String> SCRIPTS =
      List.of(
          "report.js",
          "dom.js",
          "format.js",
          "download.js",
          "plan-file.js",
          "selection.js",
          "theme.js",
          "copy.js",
          "glyphs.js",
          "shades.js",
          "head-map.js",
          "keys.js",
          "panel-verdict.js",
          "panel-warnings.js",
          "metrics.js",
          "panel-map.js",
          "cell-map.js",
          "recall-dots.js",
          "candidates.js",
          "panel-head.js",
          "chart.js",
          "labels.js",
          "panel-trade-off.js",
          "panel-explorer.js",
          "panel-times.js",
          "panel-search.js",
          "panel-diff.js",
          "panel-calibration.js",
          "panel-validity.js",
          "panel-table.js",
          "panel-provenance.js",
          "start.js");

  private static final List<String> STYLES =
      List.of(
          "tokens.css",
          "ramp.css",
          "base.css",
          "verdict.css",
          "map.css",
          "head.css",
          "table.css",
          "chart.css",
          "times.css",
          "explorer.css",
          "diff.css",
          "provenance.css",
          "print.css");

  private PageParts() {}

  static List<String> scripts() {
    return SCRIPTS.stream().map(name -> read("script/" + name)).toList();
  }

  static String style() {
    return String.join("\n", STYLES.stream().map(name -> read("style/" + name)).toList());
  }

  static String html() {
    return read("page.html");
  }

  private static String read(String name) {
    try (InputStream in = PageParts.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("The resource %s is not in the jar.".formatted(name));
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
