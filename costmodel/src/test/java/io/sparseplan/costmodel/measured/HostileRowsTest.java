package io.sparseplan.costmodel.measured;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparseplan.plans.BadInputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows that no program should have written: refused by line and, where it can be, by field. */
class HostileRowsTest {
  private static final String HEADS =
      "[{\"kind\":\"dense\"},{\"kind\":\"streaming\",\"sink\":1,\"window\":2}]";

  private static final String ROW =
      "{\"gpu\":\"G\",\"kernel\":\"flex_attention\",\"torch\":\"2.11\",\"timing\":\"cuda-graph\","
          + "\"phase\":\"prefill\",\"dtype\":\"bf16\",\"batch\":1,\"q_heads\":2,\"kv_heads\":1,"
          + "\"head_dim\":64,\"q_len\":512,\"kv_len\":512,\"tile\":128,\"causal\":true,\"heads\":"
          + HEADS
          + ",\"tiles\":19,\"median_ms\":0.5,\"min_ms\":0.4,\"launches\":30}";

  private static final String HEADER =
      "gpu,kernel,torch,timing,phase,dtype,batch,q_heads,kv_heads,head_dim,q_len,kv_len,tile,causal,"
          + "heads,tiles,median_ms,min_ms,launches,sdpa_median_ms";

  private static final String CELLS =
      "G,flex_attention,2.11,cuda-graph,prefill,bf16,1,2,1,64,512,512,128,True,\""
          + HEADS.replace("\"", "\"\"")
          + "\",19,0.5,0.4,30,";

  @TempDir Path directory;

  private Path jsonl(String... lines) throws IOException {
    return Files.write(directory.resolve("rows.jsonl"), List.of(lines));
  }

  private Path csv(String... lines) throws IOException {
    return Files.write(directory.resolve("rows.csv"), List.of(lines));
  }

  private void assertRefused(Path file, String... named) {
    assertThatThrownBy(() -> MeasuredRows.launches(file))
        .isInstanceOf(BadInputException.class)
        .hasMessageContainingAll(named)
        .hasMessageContaining("\nMaybe ");
    assertThatThrownBy(() -> MeasuredRows.read(file))
        .isInstanceOf(BadInputException.class)
        .hasMessageContainingAll(named);
  }

  @Test
  void theRowItselfIsFineInBothFormats() throws IOException {
    assertThat(MeasuredRows.read(jsonl(ROW, "", ROW))).hasSize(2);
    assertThat(MeasuredRows.read(csv(HEADER, CELLS, "", CELLS)))
        .isEqualTo(MeasuredRows.read(jsonl(ROW, ROW)));
    List<LaunchRow> launches = MeasuredRows.launches(csv("\uFEFF" + HEADER, CELLS, "", CELLS));
    assertThat(launches).extracting(LaunchRow::line).containsExactly(2, 4);
    assertThat(launches.getFirst().tiles()).isEqualTo(19);
  }

  @ParameterizedTest
  @CsvSource({
    "'\"median_ms\":0.5', '\"median_ms\":NaN', at column",
    "'\"median_ms\":0.5', '\"median_ms\":\"NaN\"', field median_ms",
    "'\"median_ms\":0.5', '\"median_ms\":-0.5', median_ms (-0.5)",
    "'\"median_ms\":0.5', '\"median_ms\":0', median_ms (0.0)",
    "'\"median_ms\":0.5', '\"median_ms\":1e999', field median_ms",
    "'\"median_ms\":0.5', '\"median_ms\":\"0.5\"', field median_ms",
    "'\"min_ms\":0.4', '\"min_ms\":-1', min_ms (-1.0)",
    "'\"min_ms\":0.4', '\"min_ms\":0.6', min_ms (0.6) is above",
    "'\"launches\":30', '\"launches\":0', launches (0)",
    "'\"launches\":30', '\"sdpa_median_ms\":-2', sdpa_median_ms (-2.0)",
    "'\"kind\":\"dense\"', '\"kind\":\"diagonal\"', diagonal",
    "'\"kind\":\"dense\"', '\"kin\":\"dense\"', field heads",
    "'\"window\":2', '\"window\":0', window (0)",
    "'\"sink\":1', '\"sink\":-1', sink (-1)",
    "'\"sink\":1,', '', field heads.[1].sink",
    "'\"sink\":1', '\"sink\":1.5', field heads",
    "'\"tiles\":19', '\"tiles\":20', tiles (20) are not the 19",
    "'\"q_heads\":2', '\"q_heads\":4', patterns for 2 heads but 4",
    "'\"q_heads\":2', '\"q_heads\":0', field q_heads",
    "'\"kv_heads\":1', '\"kv_heads\":3', kvHeads (3)",
    "'\"head_dim\":64', '\"head_dim\":0', field head_dim",
    "'\"kv_len\":512', '\"kv_len\":0', q_len (512)",
    "'\"kv_len\":512', '\"kv_len\":-512', field kv_len",
    "'\"kv_len\":512', '\"kv_len\":512.5', field kv_len",
    "'\"kv_len\":512', '\"kv_len\":2147483648', field kv_len",
    "'\"kv_len\":512', '\"kv_len\":99999999999999999999', field kv_len",
    "'\"tile\":128', '\"tile\":0', field tile",
    "'\"tile\":128', '\"tile\":64', tiles (19) are not",
    "'\"batch\":1', '\"batch\":0', batch (0)",
    "'\"batch\":1', '\"batch\":-1', batch (-1)",
    "'\"batch\":1', '\"batch\":2147483647', more than",
    "'\"batch\":1,', '', batch (0)",
    "'\"causal\":true', '\"causal\":\"true\"', field causal",
    "'\"causal\":true', '\"causal\":1', field causal",
    "'\"phase\":\"prefill\"', '\"phase\":\"train\"', field phase",
    "'\"phase\":\"prefill\"', '\"phase\":\"decode\"', q_len (512) of a decode",
    "'\"q_len\":512,', '', q_len",
    "'\"batch\":1', '\"batch\":1,\"batch\":1', Duplicate",
    "'\"batch\":1', '\"batch\":1,\"bach\":1', bach",
    "'\"launches\":30}', '\"launches\":30}}', line 2",
    "'\"launches\":30}', '\"launch', at column"
  })
  void aWrongFieldOfALine(String from, String to, String named) throws IOException {
    assertThat(ROW).contains(from);
    assertRefused(jsonl(ROW, ROW.replace(from, to), ROW), "line 2", named);
  }

  @ParameterizedTest
  @CsvSource({"2147483647, 128", "1048577, 128", "2147483647, 4096", "8193, 1"})
  void aLengthOfMoreTilesThanAnyKernelRunsIsRefusedBeforeAnythingIsAllocated(int length, int tile)
      throws IOException {
    String row =
        ROW.replace("\"q_len\":512,\"kv_len\":512", "\"q_len\":%d,\"kv_len\":%<d".formatted(length))
            .replace("\"tile\":128", "\"tile\":" + tile);
    assertRefused(jsonl(row), "line 1", "kv_len (%d)".formatted(length), "the most is 8192");
  }

  @Test
  void theLargestLaunchThatIsTakenIsCountedInASecond() throws IOException {
    String row =
        ROW.replace("\"q_len\":512,\"kv_len\":512", "\"q_len\":1048576,\"kv_len\":1048576")
            .replace("\"tiles\":19,", "");
    long dense = 8192L * 8193 / 2;
    assertThat(MeasuredRows.launches(jsonl(row)).getFirst().tiles())
        .isEqualTo(dense + 3 * 8192 - 3);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"kind\":\"strided\",\"stride\":0}",
        "{\"kind\":\"vertical_slash\",\"verticals\":[-1],\"slashes\":[]}",
        "{\"kind\":\"vertical_slash\",\"verticals\":[],\"slashes\":[-2147483648]}",
        "{\"kind\":\"vertical_slash\",\"verticals\":[null],\"slashes\":[]}",
        "{\"kind\":\"vertical_slash\",\"slashes\":[]}",
        "{\"kind\":\"random\",\"density\":1.5,\"seed\":0}",
        "{\"kind\":\"random\",\"density\":\"NaN\",\"seed\":0}",
        "{\"kind\":\"random\",\"density\":0.5,\"seed\":-1}",
        "{\"kind\":\"random\",\"density\":0.5,\"seed\":9223372036854775807}",
        "{\"kind\":\"random\",\"density\":0.5,\"seed\":9223372036854775808}",
        "{\"kind\":\"streaming\",\"sink\":1,\"window\":2,\"window\":3}",
        "{\"kind\":\"dense\",\"window\":3}",
        "null",
        "7",
        "[]"
      })
  void aPatternThatIsNone(String head) throws IOException {
    assertRefused(jsonl(ROW, ROW.replace("{\"kind\":\"dense\"}", head)), "line 2");
  }

  @Test
  void hugePatternParametersVisitWhatIsThere() throws IOException {
    String row =
        ROW.replace("\"sink\":1,\"window\":2", "\"sink\":2147483647,\"window\":2147483647")
            .replace("\"tiles\":19", "\"tiles\":20");
    assertThat(MeasuredRows.read(jsonl(row, row.replace("true", "false").replace("20", "32"))))
        .hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "[]", "7", "\"row\"", "{}", "hello", "{\"a\":", "\u0000"})
  void aLineThatIsNoRow(String line) throws IOException {
    assertRefused(jsonl(ROW, line), "line 2");
  }

  @ParameterizedTest
  @MethodSource("wrongCells")
  void aWrongCellOfACsvLine(String from, String to, String named) throws IOException {
    assertThat(CELLS).contains(from);
    assertRefused(csv(HEADER, CELLS, CELLS.replace(from, to)), "line 3", named);
  }

  static Stream<Arguments> wrongCells() {
    return Stream.of(
        Arguments.of(",0.5,", ",nan,", "column median_ms"),
        Arguments.of(",0.5,", ",NaN,", "column median_ms"),
        Arguments.of(",0.5,", ",-0.5,", "median_ms (-0.5)"),
        Arguments.of(",0.5,", ",0.5,,", "21 cells for 20 columns"),
        Arguments.of(",19,", ",17,", "tiles (17)"),
        Arguments.of("True", "yes", "column causal"),
        Arguments.of("prefill", "both", "field phase"),
        Arguments.of("\"\"dense\"\"", "\"\"diagonal\"\"", "diagonal"),
        Arguments.of("]\"", "\"", "column heads"),
        Arguments.of(",512,512,", ",512,2147483648,", "field kv_len"));
  }

  @Test
  void csvThatIsCutShort() throws IOException {
    String whole = HEADER + "\n" + CELLS + "\n" + CELLS;
    for (int cut : new int[] {whole.length() - 60, whole.length() - 12}) {
      Path file = Files.writeString(directory.resolve("rows.csv"), whole.substring(0, cut));
      assertRefused(file, "rows.csv", "cut short");
    }
  }

  @Test
  void csvWithAnUnknownADoubleOrANamelessColumn() throws IOException {
    assertRefused(csv(HEADER.replace("timing", "timming"), CELLS), "line 2", "timming");
    assertRefused(csv(HEADER.replace("timing", "torch"), CELLS), "line 1", "torch");
    assertRefused(csv(HEADER.replace("timing", ""), CELLS), "line 1", "no name");
  }

  @Test
  void theLineOfACsvRowIsThatOfItsFirstCell() throws IOException {
    String broken = CELLS.replace("\"[", "\"[\n\n");
    assertRefused(csv(HEADER, broken, CELLS.replace(",19,", ",17,")), "line 5", "tiles (17)");
  }

  @Test
  void filesWithoutRows() throws IOException {
    assertRefused(Files.writeString(directory.resolve("rows.jsonl"), ""), "no rows");
    assertRefused(Files.writeString(directory.resolve("rows.jsonl"), "\n \n"), "no rows");
    assertRefused(Files.writeString(directory.resolve("rows.csv"), ""), "no rows");
    assertRefused(csv(HEADER), "no rows");
    assertRefused(directory.resolve("none.csv"), "none.csv");
  }

  @Test
  void zippedFilesThatAreCutShort() throws IOException {
    byte[] zipped = Files.readAllBytes(Measurements.file("h100-flex-prefill"));
    Path file =
        Files.write(directory.resolve("rows.jsonl.gz"), Arrays.copyOf(zipped, zipped.length / 2));
    assertRefused(file, "rows.jsonl.gz", "Maybe");
  }

  @Test
  void bytesThatAreNoText() throws IOException {
    byte[] bytes = ROW.getBytes(StandardCharsets.UTF_16);
    assertRefused(
        Files.write(directory.resolve("rows.jsonl"), bytes), "its bytes are no UTF-8 text");
  }

  @Test
  void aRowWithoutTimesIsALaunchButNoMeasurement() throws IOException {
    Path file = jsonl(ROW.replace(",\"median_ms\":0.5,\"min_ms\":0.4,\"launches\":30", ""));
    assertThat(MeasuredRows.launches(file).getFirst().measuredMillis()).isEmpty();
    assertThatThrownBy(() -> MeasuredRows.read(file))
        .isInstanceOf(BadInputException.class)
        .hasMessageContainingAll("line 1", "median_ms is missing");
  }

  @Test
  void aDecodeRowVisitsTheListOfItsLastQueryTile() throws IOException {
    String row =
        ROW.replace("prefill", "decode")
            .replace("\"q_len\":512", "\"q_len\":1")
            .replace("true", "false")
            .replace("\"tiles\":19", "\"tiles\":7")
            .replace("\"batch\":1", "\"batch\":4");
    LaunchRow decode = MeasuredRows.launches(jsonl(row)).getFirst();
    assertThat(decode.visitedTiles().get(0)).containsExactly(4);
    assertThat(decode.visitedTiles().get(1)).containsExactly(3);
    assertThat(decode.launch().denseTiles()).isEqualTo(8);
  }
}
