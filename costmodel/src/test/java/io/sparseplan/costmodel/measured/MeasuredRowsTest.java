package io.sparseplan.costmodel.measured;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.plan.Phase;
import java.io.ByteArrayInputStream;
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

class MeasuredRowsTest {
  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({"h100-flex-prefill, 277", "h200-flex-prefill, 402"})
  void everyPrefillRowVisitsTheTilesThatItCounts(String name, int count) {
    List<MeasuredRow> rows = Measurements.rows(name);
    assertThat(rows).hasSize(count);
    for (MeasuredRow row : rows) {
      Map<MeasuredHead, Integer> visited = new HashMap<>();
      long tiles =
          row.heads().stream()
              .mapToLong(
                  head -> visited.computeIfAbsent(head, pattern -> pattern.on(row.grid()).total()))
              .sum();
      assertThat(tiles).as(row.toString()).isEqualTo(row.tiles());
    }
  }

  @ParameterizedTest
  @CsvSource({"h100-flex-decode, 15", "h200-flex-decode, 86"})
  void decodeRowsAreReadAsDecodeRows(String name, int count) {
    assertThat(Measurements.rows(name))
        .hasSize(count)
        .allSatisfy(
            row -> {
              assertThat(row.phase()).isEqualTo(Phase.DECODE);
              assertThat(row.queryLength().count()).isOne();
            });
  }

  @Test
  void onlyAllDenseRowsCarryTheTimeOfTheOtherDenseKernel() {
    assertThat(Measurements.rows("h100-flex-prefill"))
        .filteredOn(row -> row.sdpaMedianMillis().isPresent())
        .hasSize(40)
        .allSatisfy(row -> assertThat(row.heads()).containsOnly(new MeasuredHead.Dense()));
  }

  @Test
  void aPlainFileReadsLikeAGzippedOne() throws IOException {
    Path plain = directory.resolve("rows.jsonl");
    Files.write(plain, unzipped("h100-flex-prefill"));
    assertThat(MeasuredRows.read(plain)).isEqualTo(Measurements.rows("h100-flex-prefill"));
  }

  @Test
  void aBrokenRowIsRefusedByItsLineAndField() throws IOException {
    List<String> lines = new String(unzipped("h100-flex-prefill")).lines().limit(3).toList();
    Path file = directory.resolve("rows.jsonl");
    Files.write(
        file,
        List.of(lines.get(0), lines.get(1), lines.get(2).replace("\"tile\": 128", "\"tile\": 0")));
    assertThatThrownBy(() -> MeasuredRows.read(file))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("line 3")
        .hasMessageContaining("field tile")
        .hasMessageContaining("Maybe");
  }

  @Test
  void aMissingFieldIsRefusedByName() throws IOException {
    String line = new String(unzipped("h100-flex-prefill")).lines().findFirst().orElseThrow();
    Path file = directory.resolve("rows.jsonl");
    Files.writeString(file, line.replaceFirst("\"median_ms\": [0-9.]+, ", ""));
    assertThatThrownBy(() -> MeasuredRows.read(file))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("line 1")
        .hasMessageContaining("median_ms");
  }

  @Test
  void aRowWithAsManyPatternsAsHeadsIsDemanded() throws IOException {
    String line = new String(unzipped("h100-flex-prefill")).lines().findFirst().orElseThrow();
    Path file = directory.resolve("rows.jsonl");
    Files.writeString(file, line.replace("\"q_heads\": 32", "\"q_heads\": 24"));
    assertThatThrownBy(() -> MeasuredRows.read(file))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("patterns for 32 heads but 24 query heads");
  }

  @Test
  void aMissingOrEmptyFileIsRefused() throws IOException {
    assertThatThrownBy(() -> MeasuredRows.read(directory.resolve("none.jsonl")))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("none.jsonl");
    Path empty = Files.createFile(directory.resolve("empty.jsonl"));
    assertThatThrownBy(() -> MeasuredRows.read(empty))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("no rows");
  }

  @Test
  void aPlainFileNamedLikeAGzippedOneIsRefused() throws IOException {
    Path file = Files.writeString(directory.resolve("rows.jsonl.gz"), "{}");
    assertThatThrownBy(() -> MeasuredRows.read(file))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("cannot be read");
  }

  private static byte[] unzipped(String name) throws IOException {
    byte[] zipped = Files.readAllBytes(Measurements.file(name));
    try (var in = new GZIPInputStream(new ByteArrayInputStream(zipped))) {
      return in.readAllBytes();
    }
  }
}
