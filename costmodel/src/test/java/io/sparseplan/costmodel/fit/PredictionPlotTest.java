package io.sparseplan.costmodel.fit;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.costmodel.DeviceTable;
import io.sparseplan.costmodel.fit.CrossValidation.Prediction;
import io.sparseplan.costmodel.measured.Measurements;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/**
 * The plot in docs/cost-model.md. To draw it anew, run this test with {@code
 * -Dsparseplan.draw=true}.
 */
class PredictionPlotTest {
  private static final Path PLOT = Path.of("..", "docs", "cost-model.svg");
  private static final int SIDE = 400;
  private static final int MARGIN = 50;

  /** Powers of ten of a microsecond at the ends of both axes: 1 µs to 100 ms. */
  private static final int DECADES = 5;

  @Test
  void thePlotInTheDocsIsOfTheShippedTables() throws IOException {
    String plot = plot();
    if (Boolean.getBoolean("sparseplan.draw")) {
      Files.writeString(PLOT, plot);
    }
    assertThat(Files.readString(PLOT)).isEqualTo(plot);
  }

  private static String plot() {
    var svg = new StringBuilder();
    svg.append(
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">
        <title>Predicted against measured launch time, logarithmic</title>
        <rect width="100%%" height="100%%" fill="white"/>
        """
            .formatted(2 * (SIDE + MARGIN) + MARGIN, SIDE + 2 * MARGIN));
    int left = MARGIN;
    for (String gpu : List.of("h100", "h200")) {
      List<Prediction> predictions =
          CrossValidation.predictions(
              DeviceTable.resolve(gpu + "-flex-attention"),
              Measurements.rows(gpu + "-flex-prefill"));
      panel(svg, left, gpu.toUpperCase(Locale.ROOT), predictions);
      left += SIDE + MARGIN;
    }
    return svg.append("</svg>\n").toString();
  }

  private static void panel(StringBuilder svg, int left, String gpu, List<Prediction> predictions) {
    svg.append("<g transform=\"translate(%d,%d)\">\n".formatted(left, MARGIN));
    svg.append(
        "<text x=\"%d\" y=\"-15\" text-anchor=\"middle\">%s, %d launches</text>\n"
            .formatted(SIDE / 2, gpu, predictions.size()));
    for (int decade = 0; decade <= DECADES; decade++) {
      int at = decade * SIDE / DECADES;
      svg.append(
          "<path d=\"M%d 0v%dM0 %dh%d\" stroke=\"#ddd\"/>\n".formatted(at, SIDE, SIDE - at, SIDE));
      String label =
          decade < 3 ? "%d µs".formatted(pow10(decade)) : "%d ms".formatted(pow10(decade - 3));
      svg.append(
          "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>\n"
              .formatted(at, SIDE + 18, label));
      svg.append(
          "<text x=\"-5\" y=\"%d\" text-anchor=\"end\">%s</text>\n"
              .formatted(SIDE - at + 4, label));
    }
    svg.append(
        "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">measured</text>\n"
            .formatted(SIDE / 2, SIDE + 38));
    svg.append("<text x=\"5\" y=\"15\">predicted</text>\n");
    svg.append("<path d=\"M0 %dL%d 0\" stroke=\"#999\"/>\n".formatted(SIDE, SIDE));
    svg.append("<path stroke=\"#1f6fb4\" stroke-width=\"3\" stroke-linecap=\"round\" d=\"");
    for (Prediction prediction : predictions) {
      svg.append(
          String.format(
              Locale.ROOT,
              "M%.1f %.1fh0",
              place(prediction.launch().measuredMicros()),
              SIDE - place(prediction.predictedMicros())));
    }
    svg.append("\"/>\n</g>\n");
  }

  private static int pow10(int exponent) {
    return (int) Math.pow(10, exponent);
  }

  private static double place(double micros) {
    return Math.log10(micros) * SIDE / DECADES;
  }
}
