package io.sparseplan.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.report.fixture.LargePage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

class ReportSizeTest {
  private static final int MOST_BYTES = 3_000_000;

  @Test
  void eightyLayersOfSixtyFourHeadsStayUnderThreeMegabytesCompressed() throws IOException {
    var compressed = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(compressed)) {
      gzip.write(LargePage.html());
    }

    assertThat(compressed.size()).isLessThan(MOST_BYTES);
  }
}
