package io.sparseplan.costmodel.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparseplan.costmodel.measured.Measurements;
import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.JsonFile;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class DecodeRowsTest {
  @TempDir private Path directory;

  private static List<String> lines(String gpu) throws IOException {
    try (var in =
        new GZIPInputStream(Files.newInputStream(Measurements.file(gpu + "-split-decode")))) {
      return new String(in.readAllBytes()).lines().toList();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"h100", "h200"})
  void measuredStepsAreReadAsTheFitReadsThem(String gpu) {
    Path file = Measurements.file(gpu + "-split-decode");
    assertThat(DecodeRows.isOf(file)).isTrue();
    List<DecodeRow> rows = DecodeRows.read(file);
    List<SplitKvRow> measured = SplitKvRows.read(file);
    assertThat(rows).hasSameSizeAs(measured);
    for (int i = 0; i < rows.size(); i++) {
      assertThat(rows.get(i).launch()).isEqualTo(measured.get(i).launch());
      assertThat(rows.get(i).launch().blocks()).isEqualTo(measured.get(i).chunks());
      assertThat(rows.get(i).measuredMillis()).contains(measured.get(i).medianMillis());
      assertThat(rows.get(i).line()).isEqualTo(i + 1);
    }
  }

  @Test
  void prefillRowsAreNoSteps() {
    assertThat(DecodeRows.isOf(Measurements.file("h100-flex-prefill"))).isFalse();
    assertThat(DecodeRows.isOf(Measurements.file("h100-flex-decode"))).isFalse();
  }

  @Test
  void timesAndCountsMayBeMissingAndCsvSaysTheSame() throws IOException {
    var untimed = new ArrayList<String>();
    for (String line : lines("h100")) {
      var row = (ObjectNode) JsonFile.mapper().readTree(line);
      row.remove(List.of("median_ms", "min_ms", "round_median_ms", "tiles_of_kv", "chunks", "gpu"));
      untimed.add(row.toString());
    }
    Path json = Files.write(directory.resolve("steps.jsonl"), untimed);
    Path csv = Files.writeString(directory.resolve("steps.csv"), csv(untimed));
    List<DecodeRow> all = DecodeRows.read(Measurements.file("h100-split-decode"));
    List<DecodeRow> fromJson = DecodeRows.read(json);
    List<DecodeRow> fromCsv = DecodeRows.read(csv);
    assertThat(DecodeRows.isOf(csv)).isTrue();
    for (int i = 0; i < all.size(); i++) {
      assertThat(fromJson.get(i).launch()).isEqualTo(all.get(i).launch());
      assertThat(fromCsv.get(i).launch()).isEqualTo(all.get(i).launch());
      assertThat(fromCsv.get(i).measuredMillis()).isEmpty();
      assertThat(fromCsv.get(i).gpuName()).isEqualTo("unnamed GPU");
    }
  }

  private static String csv(List<String> lines) throws IOException {
    var text = new StringWriter();
    var printer = new CSVPrinter(text, CSVFormat.RFC4180);
    List<String> columns =
        List.copyOf(JsonFile.mapper().readTree(lines.getFirst()).propertyNames());
    printer.printRecord(columns);
    for (String line : lines) {
      JsonNode row = JsonFile.mapper().readTree(line);
      for (String column : columns) {
        JsonNode value = row.get(column);
        printer.print(value.isString() ? value.stringValue() : value.toString());
      }
      printer.println();
    }
    return text.toString();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"median_ms\": [0-9.e-]+ | \"median_ms\": -1 | median_ms",
        "\"median_ms\": [0-9.e-]+ | \"median_ms\": NaN | NaN",
        "\"chunks\": [0-9]+ | \"chunks\": 1000000 | chunks (1000000)",
        "\"kind\": \"[a-z]+\" | \"kind\": \"psychic\" | psychic",
        "\"q_heads\": [0-9]+ | \"q_heads\": 33 | queryHeads (33)",
        "\"kv_len\": [0-9]+ | \"kv_len\": 0 | kv_len (0)",
        "\"kv_len\": [0-9]+ | \"kv_len\": 2147483647 | kv_len",
        "\"kv_len\": [0-9]+ | \"kv_len\": 64 | tiles_of_kv",
        "\"batch\": [0-9]+ | \"batch\": 2000000000 | thread blocks",
        "\"batch\": [0-9]+ | \"batch\": 0 | batch (0",
        "\"chunk_tiles\": [0-9]+ | \"chunk_tiles\": 0 | chunk (0)",
        "\"q_len\": 1 | \"q_len\": 2 | q_len 2",
        "\"phase\": \"decode\" | \"phase\": \"prefill\" | PREFILL",
        "\"heads_of_kv\": \\[ | \"heads_of_kv\": [null, | null",
        "\"gpu\" | \"GPU\" | GPU",
      })
  void aDamagedStepIsRefusedWithItsLine(String pattern, String damage, String said)
      throws IOException {
    List<String> lines = lines("h100");
    String damaged = lines.get(1).replaceFirst(pattern, damage);
    assertThat(damaged).isNotEqualTo(lines.get(1));
    Path file = Files.write(directory.resolve("steps.jsonl"), List.of(lines.get(0), damaged));
    assertThatThrownBy(() -> DecodeRows.read(file))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("line 2")
        .hasMessageContaining(said);
  }
}
