package io.sparseplan.plans.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.safetensors.SafetensorsWriter.Part;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RecordColumnsTest {
  /** A component of each type. */
  record Row(int count, byte[] shares, Inner inner, int[] ids, short[] tiles) {
    Row {
      if (count > 100) {
        throw new IllegalArgumentException("The count (%d) is above 100.".formatted(count));
      }
    }
  }

  /** A record within. */
  record Inner(float one, float[] many) {}

  private static final List<Row> ROWS =
      List.of(
          new Row(
              -3,
              new byte[] {1, -1, 127},
              new Inner(0.1f, new float[] {1, Float.MIN_VALUE}),
              new int[] {Integer.MIN_VALUE},
              new short[] {-1, 300}),
          new Row(
              100,
              new byte[] {0, 5, -128},
              new Inner(-7, new float[] {-0f, 3}),
              new int[] {9},
              new short[] {0, 1}));

  private static final RecordColumns<Row> COLUMNS = new RecordColumns<>(Row.class);

  @TempDir Path directory;

  private List<Row> read(List<Part> parts, int rows) throws IOException {
    Path file = directory.resolve("columns.safetensors");
    try (var out = Files.newOutputStream(file)) {
      SafetensorsWriter.write(out, Map.of("a", "b"), parts);
    }
    var source = new TensorSource(file, "file", "make it again");
    try (Arena arena = Arena.ofConfined()) {
      SafetensorsFile tensors = SafetensorsFile.map(source, arena);
      assertThat(tensors.metadata()).containsExactly(Map.entry("a", "b"));
      return COLUMNS.read(source, "p.", rows, tensors::tensor);
    }
  }

  @Test
  void recordsReadBackAsTheyWere() throws IOException {
    assertThat(read(COLUMNS.parts("p.", ROWS), 2))
        .usingRecursiveFieldByFieldElementComparator()
        .isEqualTo(ROWS);
  }

  @Test
  void shortsThatFitIntoBytesAreBytes() throws IOException {
    List<Row> small =
        ROWS.stream()
            .map(
                row ->
                    new Row(
                        row.count(),
                        row.shares(),
                        row.inner(),
                        row.ids(),
                        new short[] {(short) (128 + row.shares()[0]), 255}))
            .toList();
    assertThat(COLUMNS.parts("p.", small).getLast())
        .returns(Dtype.U8, Part::dtype)
        .returns(List.of(2L, 2L), Part::shape);
    assertThat(read(COLUMNS.parts("p.", small), 2))
        .usingRecursiveFieldByFieldElementComparator()
        .isEqualTo(small);
  }

  @Test
  void eachComponentIsATensorWhoseFirstAxisIsTheRow() {
    assertThat(COLUMNS.parts("p.", ROWS))
        .extracting(part -> part.name() + " " + part.dtype() + " " + part.shape())
        .containsExactly(
            "p.count I32 [2]",
            "p.shares U8 [2, 3]",
            "p.inner.one F32 [2]",
            "p.inner.many F32 [2, 2]",
            "p.ids I32 [2, 1]",
            "p.tiles U16 [2, 2]");
    assertThat(COLUMNS.names("p."))
        .isEqualTo(COLUMNS.parts("p.", ROWS).stream().map(Part::name).toList());
  }

  @Test
  void anotherNumberOfRowsIsRefused() {
    assertThatThrownBy(() -> read(COLUMNS.parts("p.", ROWS), 3))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("the tensor p.count is I32 [2]; it must be I32 [3]");
  }

  @Test
  void aMissingTensorIsRefused() {
    List<Part> parts = COLUMNS.parts("p.", ROWS);
    assertThatThrownBy(() -> read(parts.subList(1, parts.size()), 2))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("has no tensor p.count");
  }

  @Test
  void whatTheRecordRefusesIsRefusedWithItsWords() {
    List<Part> parts = new ArrayList<>(COLUMNS.parts("p.", ROWS));
    parts.set(
        0, new Part("p.count", Dtype.I32, List.of(2L), new byte[] {1, 0, 0, 0, 101, 0, 0, 0}));
    assertThatThrownBy(() -> read(parts, 2))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("row 1 of p.* is refused: The count (101) is above 100");
  }

  @Test
  void arraysOfTwoLengthsCannotBeWritten() {
    Row longer = new Row(1, new byte[4], new Inner(1, new float[2]), new int[1], new short[2]);
    assertThatThrownBy(() -> COLUMNS.parts("p.", List.of(ROWS.getFirst(), longer)))
        .hasMessageContaining("The p.shares has 3 elements in one record and 4 in another");
  }
}
