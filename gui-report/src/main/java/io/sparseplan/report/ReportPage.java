package io.sparseplan.report;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.report.page.DataBlock;
import io.sparseplan.report.page.PageTemplate;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;

/**
 * The review page of a plan: one HTML file that needs no network, and that the browser forbids to
 * use one.
 */
public final class ReportPage {
  private ReportPage() {}

  /** Writes the page as UTF-8. The same input gives the same bytes. */
  public static void write(ReportInput input, OutputStream out) throws IOException {
    ReportData data = ReportData.of(input);
    String json = DataBlock.json(data.plan(), data.evaluation(), data.view());
    out.write(
        PageTemplate.fill(data.view().verdict(), data.view().warnings(), json)
            .getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Reads back what a page was made of.
   *
   * @throws BadInputException if the file is missing or is no page of this program
   */
  public static ReportData readData(Path file) {
    String html;
    try {
      html = Files.readString(file);
    } catch (IOException e) {
      throw new BadInputException(
          "The report (%s) cannot be read: %s.".formatted(file, e.getMessage()),
          "check that it is an HTML file that you may read.",
          e);
    }
    String json =
        DataBlock.find(html)
            .orElseThrow(
                () ->
                    new BadInputException(
                        "The report (%s) holds no data.".formatted(file),
                        "it is of another program, or was saved from a browser."));
    try {
      return JsonFile.mapper().readValue(json, ReportData.class);
    } catch (JacksonException e) {
      throw JsonFile.refuse(file, "report", e);
    }
  }
}
