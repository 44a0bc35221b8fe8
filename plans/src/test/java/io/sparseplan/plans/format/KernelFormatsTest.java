package io.sparseplan.plans.format;

import static io.sparseplan.plans.format.SmallModel.identity;
import static io.sparseplan.plans.format.SmallModel.plan;
import static io.sparseplan.plans.format.SmallModel.tokens;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.model.AttentionReach;
import io.sparseplan.plans.model.LayerIndex;
import io.sparseplan.plans.model.ModelIdentity;
import io.sparseplan.plans.model.SlidingLayers;
import io.sparseplan.plans.pattern.BandOfBlocks;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.ElasticSpan;
import io.sparseplan.plans.pattern.FixedFactorised;
import io.sparseplan.plans.pattern.FixedPattern;
import io.sparseplan.plans.pattern.FrozenVerticalSlash;
import io.sparseplan.plans.pattern.Skip;
import io.sparseplan.plans.pattern.Strided;
import io.sparseplan.plans.pattern.TokenMask;
import io.sparseplan.plans.pattern.VerticalSlash;
import io.sparseplan.plans.plan.HeadPlan;
import io.sparseplan.plans.plan.ImportedPlan;
import io.sparseplan.plans.safetensors.SafetensorsFile;
import io.sparseplan.plans.safetensors.TensorSource;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The inputs of kernels against the token-by-token meaning of each head's pattern. */
final class KernelFormatsTest {
  private static final List<FixedPattern> PATTERNS =
      List.of(
          new Dense(),
          new ElasticSpan(tokens(100), tokens(150), 0.125),
          new Skip(),
          new Strided(tokens(64), tokens(64), tokens(256), tokens(64)),
          new FixedFactorised(tokens(200), tokens(20)),
          new BandOfBlocks(-64, 0.5),
          new FrozenVerticalSlash(List.of(tokens(3)), List.of(tokens(90), tokens(300))),
          new ElasticSpan(tokens(0), tokens(1), 0));

  private static ModelIdentity withWindow() {
    return identity(new SlidingLayers(tokens(150), List.of(new LayerIndex(1))));
  }

  private static SafetensorsFile export(String format, HeadPlan plan, int length) {
    byte[] bytes =
        ((KernelFormat) Formats.named(format))
            .write(plan, tokens(length))
            .files()
            .values()
            .iterator()
            .next();
    return SafetensorsFile.of(new TensorSource(Path.of("export"), "export", "again"), bytes);
  }

  /**
   * What each query of a head sees, by the patterns' own definition and the layer's reach. Rules
   * are rounded to tiles, so that what the last query of a tile sees the others do too, up to their
   * own.
   */
  private static BitSet[] expected(ImportedPlan plan, int place, int length) {
    TileGrid grid = plan.layout().grid(tokens(length));
    var mask = new TokenMask(FixedPattern.of(plan.heads().get(place).prefill()), grid);
    AttentionReach reach = plan.model().reachOfLayers().get(place / 4);
    var queries = new BitSet[length];
    for (int queryTile = 0; queryTile < grid.tiles(); queryTile++) {
      BitSet ofTile = mask.visibleKeys(grid.endToken(queryTile) - 1);
      for (int query = grid.firstToken(queryTile); query < grid.endToken(queryTile); query++) {
        queries[query] = (BitSet) ofTile.clone();
        queries[query].clear(query + 1, length + 1);
        queries[query].clear(0, reach.firstKey(query));
      }
    }
    return queries;
  }

  @ParameterizedTest
  @CsvSource({"64,64", "1,128", "128,128", "500,64", "385,128", "300,48"})
  void flexAttention(int length, int tile) {
    ImportedPlan plan = plan(withWindow(), tile, PATTERNS);
    SafetensorsFile file = export("flex-attention", plan, length);
    int rows = Math.ceilDiv(length, tile);
    for (int place = 0; place < 8; place++) {
      String layer = "layers.%d.".formatted(place / 4);
      BitSet[] queries = expected(plan, place, length);
      AttentionReach reach = plan.model().reachOfLayers().get(place / 4);
      for (int row = 0; row < rows; row++) {
        BitSet partial = indices(file, layer + "kv", place % 4, row, rows);
        BitSet full = indices(file, layer + "full_kv", place % 4, row, rows);
        assertThat(partial.intersects(full)).isFalse();
        for (int query = row * tile; query < Math.min(length, (row + 1) * tile); query++) {
          var seen = new BitSet();
          for (int key = 0; key < length; key++) {
            boolean shown = key <= query && key >= reach.firstKey(query);
            if (full.get(key / tile) && !shown) {
              throw new AssertionError("Query %d does not see key %d".formatted(query, key));
            }
            seen.set(key, full.get(key / tile) || partial.get(key / tile) && shown);
          }
          assertThat(seen).as("head %d, query %d", place, query).isEqualTo(queries[query]);
        }
      }
    }
    assertThat(file.metadata()).containsEntry("block_size", Integer.toString(tile));
  }

  /** The row's indices; all tiles must stand there once, the ones in use first. */
  private static BitSet indices(SafetensorsFile file, String name, int head, int row, int rows) {
    assertThat(file.tensor(name + "_num_blocks").shape()).containsExactly(1L, 4L, (long) rows);
    int count = file.tensor(name + "_num_blocks").toInts()[head * rows + row];
    int from = (head * rows + row) * rows;
    int[] all = Arrays.copyOfRange(file.tensor(name + "_indices").toInts(), from, from + rows);
    assertThat(all).doesNotHaveDuplicates();
    assertThat(Arrays.copyOf(all, count)).isSorted();
    var set = new BitSet();
    Arrays.stream(all, 0, count).forEach(set::set);
    return set;
  }

  @ParameterizedTest
  @CsvSource({"64,64", "500,64", "385,128"})
  void flashInfer(int length, int tile) {
    List<FixedPattern> ofGroups =
        List.of(
            PATTERNS.get(0),
            PATTERNS.get(0),
            PATTERNS.get(3),
            PATTERNS.get(3),
            PATTERNS.get(4),
            PATTERNS.get(4),
            PATTERNS.get(6),
            PATTERNS.get(6));
    ImportedPlan plan = plan(tile, ofGroups);
    SafetensorsFile file = export("flashinfer", plan, length);
    int rows = Math.ceilDiv(length, tile);
    for (int group = 0; group < 4; group++) {
      String layer = "layers.%d.".formatted(group / 2);
      String kvHead = layer + "kv_heads.%d.".formatted(group % 2);
      int[] starts = file.tensor(kvHead + "indptr").toInts();
      int[] columns = file.tensor(kvHead + "indices").toInts();
      boolean[] map = file.tensor(layer + "block_mask_map").toFlags();
      assertThat(starts).hasSize(rows + 1).startsWith(0).endsWith(columns.length);
      BitSet[] queries = expected(plan, 2 * group, length);
      for (int row = 0; row < rows; row++) {
        int[] ofRow = Arrays.copyOfRange(columns, starts[row], starts[row + 1]);
        assertThat(ofRow).isSorted().doesNotHaveDuplicates();
        var blocks = new BitSet();
        Arrays.stream(ofRow).forEach(blocks::set);
        for (int column = 0; column < rows; column++) {
          assertThat(map[((group % 2) * rows + row) * rows + column]).isEqualTo(blocks.get(column));
        }
        for (int query = row * tile; query < Math.min(length, (row + 1) * tile); query++) {
          var seen = new BitSet();
          int last = query;
          blocks.stream()
              .forEach(block -> seen.set(block * tile, Math.min((block + 1) * tile, length)));
          seen.clear(last + 1, length + tile);
          assertThat(seen).as("group %d, query %d", group, query).isEqualTo(queries[query]);
        }
      }
      assertThat(Arrays.stream(file.tensor(layer + "block_row_sz").toInts()).sum())
          .isEqualTo(2 * length);
    }
    assertThatThrownBy(() -> export("flashinfer", plan(tile, PATTERNS), length))
        .hasMessageContaining("are of one KV head and run different patterns");
  }

  @ParameterizedTest
  @CsvSource({"64,64", "500,64", "385,128", "129,256"})
  void spargeMask(int length, int tile) {
    ImportedPlan plan = plan(withWindow(), tile, PATTERNS);
    SafetensorsFile file = export("spargeattn-mask", plan, length);
    int rows = Math.ceilDiv(length, 128);
    int columns = Math.ceilDiv(length, 64);
    for (int place = 0; place < 8; place++) {
      boolean[] mask = file.tensor("layers.%d.mask_id".formatted(place / 4)).toFlags();
      BitSet[] queries = expected(plan, place, length);
      for (int row = 0; row < rows; row++) {
        var seen = new BitSet();
        for (int query = row * 128; query < Math.min(length, (row + 1) * 128); query++) {
          seen.or(queries[query]);
        }
        for (int column = 0; column < columns; column++) {
          BitSet block = seen.get(column * 64, (column + 1) * 64);
          assertThat(mask[((place % 4) * rows + row) * columns + column])
              .as("head %d, block %d, %d", place, row, column)
              .isEqualTo(!block.isEmpty());
        }
      }
    }
  }

  /** The kernel's rule: block j of row i is read if j < sink or i − j < local. */
  @ParameterizedTest
  @CsvSource({"128", "500"})
  void blockSparseAttention(int length) {
    ImportedPlan plan = plan(128, PATTERNS);
    SafetensorsFile file = export("block-sparse-attention", plan, length);
    int rows = Math.ceilDiv(length, 128);
    for (int place = 0; place < 8; place++) {
      String layer = "layers.%d.".formatted(place / 4);
      int type = file.tensor(layer + "head_mask_type").toInts()[place % 4];
      int sink = file.tensor(layer + "streaming_info").toInts()[2 * (place % 4)];
      int local = file.tensor(layer + "streaming_info").toInts()[2 * (place % 4) + 1];
      boolean[] masks = file.tensor(layer + "base_blockmask").toFlags();
      BitSet[] queries = expected(plan, place, length);
      for (int query = 0; query < length; query++) {
        int row = query / 128;
        var seen = new BitSet();
        for (int key = 0; key <= query; key++) {
          int column = key / 128;
          seen.set(
              key,
              switch (type) {
                case 0 -> true;
                case -1 -> column < sink || row - column < local;
                default -> masks[((type - 1) * rows + row) * rows + column];
              });
        }
        assertThat(seen).as("head %d, query %d", place, query).isEqualTo(queries[query]);
      }
    }
    assertThat(file.tensor("layers.0.head_mask_type").toInts()).containsExactly(0, -1, 1, 2);
  }

  @Test
  void whatAKernelCannotRunIsRefused() {
    assertThatThrownBy(() -> export("block-sparse-attention", plan(64, PATTERNS), 512))
        .hasMessageContaining("tiles have 64 tokens; the kernel's blocks have 128");
    assertThatThrownBy(
            () -> export("block-sparse-attention", plan(withWindow(), 128, PATTERNS), 512))
        .hasMessageContaining("Layer 1 has a sliding window of 150");
    assertThatThrownBy(
            () -> export("flex-attention", plan(128, List.of(new VerticalSlash(30, 80))), 512))
        .hasMessageContaining("picks its tiles by the scores");
    assertThatThrownBy(() -> export("flex-attention", plan(16, PATTERNS), 1 << 20))
        .hasMessageContaining("an export has at most");
  }
}
