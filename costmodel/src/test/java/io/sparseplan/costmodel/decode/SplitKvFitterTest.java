package io.sparseplan.costmodel.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparseplan.costmodel.RelativeError;
import io.sparseplan.costmodel.measured.Measurements;
import io.sparseplan.plans.BadInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SplitKvFitterTest {
  private static final int MULTIPROCESSORS = 132;
  private static final Map<String, SplitKvTable> REFITS = new HashMap<>();

  private static List<SplitKvRow> rows(String gpu) {
    return SplitKvRows.read(Measurements.file(gpu + "-split-decode"));
  }

  private static SplitKvTable refit(String gpu) {
    return REFITS.computeIfAbsent(
        gpu,
        name ->
            SplitKvFitter.fit(
                name + "-split-decode",
                SplitKvTable.shipped(name + "-split-decode").source(),
                MULTIPROCESSORS,
                rows(name)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"h100", "h200"})
  void theShippedTableIsWhatItsMeasurementsGive(String gpu) {
    assertThat(refit(gpu)).isEqualTo(SplitKvTable.shipped(gpu + "-split-decode"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"h100", "h200"})
  void rowsThatWereNotFittedArePricedWithinSixPercent(String gpu) {
    assertThat(rows(gpu)).hasSizeGreaterThanOrEqualTo(100);
    assertThat(refit(gpu).crossValidated().meanPercent()).isLessThanOrEqualTo(6);
  }

  @ParameterizedTest
  @CsvSource({"h100, 3.35e6", "h200, 4.8e6"})
  void noPriceNeedsMoreThanThePublishedBandwidth(String gpu, double bytesPerMicro) {
    SplitKvTable table = SplitKvTable.shipped(gpu + "-split-decode");
    for (SplitKvRow row : rows(gpu)) {
      double micros = table.micros(row.launch()).orElseThrow();
      assertThat(row.launch().bytes() / micros).isLessThan(bytesPerMicro);
    }
  }

  @Test
  void timeInProportionToBytesIsFarOff() {
    List<SplitKvRow> rows = rows("h100");
    SplitKvTable table = SplitKvTable.shipped("h100-split-decode");
    double[] errors =
        rows.stream()
            .mapToDouble(
                row ->
                    Math.abs(
                        row.launch().bytes()
                                / table.constants().bytesPerMicro()
                                / (1e3 * row.medianMillis())
                            - 1))
            .toArray();
    assertThat(RelativeError.of(errors).meanPercent())
        .isGreaterThan(5 * table.crossValidated().meanPercent());
  }

  @Test
  void aShapeThatWasNotMeasuredHasNoPrice() {
    SplitKvRow row = rows("h100").getFirst();
    var other =
        new SplitKvLaunch(
            new SplitKvShape(row.headDim(), 5, row.tile()),
            row.launch().batch(),
            row.tilesOfKv(),
            row.launch().chunkTiles());
    assertThat(SplitKvTable.shipped("h100-split-decode").micros(other)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"median_ms\": [0-9.e-]+ | \"median_ms\": -1 | median_ms",
        "\"median_ms\": [0-9.e-]+ | \"median_ms\": NaN | line 2",
        "\"chunks\": [0-9]+ | \"chunks\": 1000000 | chunks",
        "\"kind\": \"[a-z]+\" | \"kind\": \"psychic\" | psychic",
        "\"q_heads\": [0-9]+ | \"q_heads\": 33 | q_heads (33)",
        "\"kv_len\": [0-9]+ | \"kv_len\": 64 | the length has",
        "\"batch\": [0-9]+ | \"batch\": 2000000000 | line 2",
        "\"gpu\" | \"GPU\" | line 2",
      })
  void aDamagedRowIsRefusedWithItsLine(
      String pattern, String damage, String said, @TempDir Path directory) throws IOException {
    String text;
    try (var in =
        new GZIPInputStream(Files.newInputStream(Measurements.file("h100-split-decode")))) {
      text = new String(in.readAllBytes());
    }
    String[] lines = text.split("\n");
    Path file = directory.resolve("rows.jsonl");
    String damaged = lines[1].replaceFirst(pattern, damage);
    assertThat(damaged).isNotEqualTo(lines[1]);
    Files.writeString(file, lines[0] + "\n" + damaged + "\n");
    assertThatThrownBy(() -> SplitKvRows.read(file))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("line 2")
        .hasMessageContaining(said);
  }
}
