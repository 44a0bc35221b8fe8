package io.sparseplan.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.report.fixture.FullInput;
import io.sparseplan.report.fixture.LargeProfile;
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
      ReportPage.write(FullInput.of(LargeProfile.random()), gzip);
    }

    assertThat(compressed.size()).isLessThan(MOST_BYTES);
  }
}
