package io.sparseplan.costmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Visibility;
import io.sparseplan.plans.model.HeadDim;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeviceTableTest {
  @TempDir Path directory;

  private final DeviceTable table = DeviceTable.resolve(DeviceTable.DEFAULT);

  @Test
  void everyShippedNameResolvesToTheTableOfThatName() {
    assertThat(DeviceTable.shippedNames())
        .startsWith(DeviceTable.DEFAULT)
        .allSatisfy(name -> assertThat(DeviceTable.resolve(name).name()).isEqualTo(name));
  }

  @Test
  void anUnknownNameIsRefusedWithTheShippedNames() {
    assertThatThrownBy(() -> DeviceTable.resolve("a100"))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("(a100)")
        .hasMessageContaining("h100-flex-attention, h200-flex-attention")
        .hasMessageContaining("Maybe");
  }

  @Test
  void aNameThatCanBeNoPathIsRefusedAlike() {
    assertThatThrownBy(() -> DeviceTable.resolve("a\0b")).isInstanceOf(BadInputException.class);
  }

  @Test
  void aWrittenTableResolvesByItsFileAndKeepsItsHash() throws IOException {
    Path file = directory.resolve("mine.json");
    table.write(file);
    DeviceTable read = DeviceTable.resolve(file.toString());
    assertThat(read).isEqualTo(table);
    assertThat(read.sha256()).isEqualTo(table.sha256());
  }

  @Test
  void tablesWithOtherConstantsHaveOtherHashes() {
    assertThat(table.sha256()).isNotEqualTo(DeviceTable.resolve("h200-flex-attention").sha256());
  }

  @ParameterizedTest
  @CsvSource({
    "'\"schemaVersion\" : 1', '\"schemaVersion\" : 2', schemaVersion",
    "'\"launchMicros\" : ', '\"launchMicros\" : -', launchMicros",
    "'\"blocksEach\" : 1', '\"blocksEach\" : 5', blocksEach",
    "'\"kernel\"', '\"kernal\"', kernel"
  })
  void aFileThatIsNoTableIsRefusedByItsField(String old, String replacement, String field)
      throws IOException {
    Path file = directory.resolve("broken.json");
    table.write(file);
    Files.writeString(file, Files.readString(file).replaceFirst(old, replacement));
    assertThatThrownBy(() -> DeviceTable.resolve(file.toString()))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(field);
  }

  @ParameterizedTest
  @CsvSource({"128, 128", "64, 128", "128, 64", "64, 64", "32, 128"})
  void aMeasuredShapeIsPricedAsItWasMeasured(int headDim, int tile) {
    PricedShape priced = price(headDim, tile, Visibility.CAUSAL);
    assertThat(priced.warning()).isEmpty();
    assertThat(priced.shape().headDim().count()).isEqualTo(headDim);
    assertThat(priced.shape().tile().tokens()).isEqualTo(tile);
  }

  @ParameterizedTest
  @CsvSource({
    "96, 128, 128, 128",
    "80, 128, 64, 128",
    "256, 128, 128, 128",
    "16, 128, 32, 128",
    "32, 64, 64, 64",
    "128, 32, 128, 64",
    "64, 256, 64, 128"
  })
  void anotherShapeIsPricedLikeTheNearestWithAWarning(
      int headDim, int tile, int pricedHeadDim, int pricedTile) {
    PricedShape priced = price(headDim, tile, Visibility.CAUSAL);
    assertThat(priced.shape().headDim().count()).isEqualTo(pricedHeadDim);
    assertThat(priced.shape().tile().tokens()).isEqualTo(pricedTile);
    assertThat(priced.warning().orElseThrow())
        .contains(
            "head_dim %d with tiles of %d".formatted(headDim, tile),
            "head_dim %d with tiles of %d".formatted(pricedHeadDim, pricedTile));
  }

  @Test
  void aVisibilityThatWasNotMeasuredIsPricedWithAWarning() {
    KernelShape shape = table.shapes().getFirst();
    FitEvidence causal = shape.evidenceFor(Visibility.CAUSAL).orElseThrow();
    var causalOnly =
        new DeviceTable(
            table.schemaVersion(),
            table.name(),
            table.gpu(),
            table.kernel(),
            table.source(),
            List.of(
                new KernelShape(
                    shape.headDim(),
                    shape.tile(),
                    shape.constants(),
                    shape.error(),
                    List.of(causal))),
            List.of());
    assertThat(
            causalOnly
                .priceFor(shape.headDim(), shape.tile(), Visibility.BIDIRECTIONAL)
                .warning()
                .orElseThrow())
        .contains("no bidirectional measurements");
  }

  private PricedShape price(int headDim, int tile, Visibility visibility) {
    return table.priceFor(new HeadDim(headDim), new TileSize(tile), visibility);
  }
}
