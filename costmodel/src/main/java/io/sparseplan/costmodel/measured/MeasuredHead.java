package io.sparseplan.costmodel.measured;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonValue;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileLists;
import java.util.BitSet;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * The pattern of one head of a measured launch, its parameters in tiles. In all of them a query
 * tile visits its own tile; "visible" is what dense attention visits.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(value = MeasuredHead.Dense.class, name = "dense"),
  @JsonSubTypes.Type(value = MeasuredHead.Streaming.class, name = "streaming"),
  @JsonSubTypes.Type(value = MeasuredHead.Strided.class, name = "strided"),
  @JsonSubTypes.Type(value = MeasuredHead.VerticalSlash.class, name = "vertical_slash"),
  @JsonSubTypes.Type(value = MeasuredHead.Random.class, name = "random")
})
public sealed interface MeasuredHead {
  /** Sets the bits of the key tiles that the query tile visits, all of them visible. */
  void visit(TileGrid grid, int queryTile, BitSet keyTiles);

  /** The key tiles that the query tile visits, ascending. */
  default int[] keyTiles(TileGrid grid, int queryTile) {
    var visited = new BitSet();
    visit(grid, queryTile, visited);
    return visited.stream().toArray();
  }

  /** The tiles that the head visited. */
  default TileLists on(TileGrid grid) {
    return TileLists.of(grid, queryTile -> keyTiles(grid, queryTile));
  }

  /** Every visible tile. */
  record Dense() implements MeasuredHead {
    @Override
    public void visit(TileGrid grid, int queryTile, BitSet keyTiles) {
      keyTiles.set(0, grid.lastVisibleKeyTile(queryTile) + 1);
    }
  }

  /** The first tiles, and a window that ends at the query tile, or is centred on it. */
  record Streaming(Sink sink, Window window) implements MeasuredHead {
    /** Key tiles from the first one, zero or more. */
    public record Sink(@JsonValue int tiles) {
      @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
      public Sink {
        requireAtLeast(0, "sink", tiles);
      }
    }

    /** Key tiles up to the query's own one, at least that, and as many after it if not causal. */
    public record Window(@JsonValue int tiles) {
      @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
      public Window {
        requireAtLeast(1, "window", tiles);
      }
    }

    @Override
    public void visit(TileGrid grid, int queryTile, BitSet keyTiles) {
      int last = grid.lastVisibleKeyTile(queryTile);
      int sinkEnd = Math.min(sink.tiles, last + 1);
      int windowStart = Math.max(sinkEnd, queryTile - window.tiles + 1);
      int windowEnd = (int) Math.min(last, (long) queryTile + window.tiles - 1);
      keyTiles.set(0, sinkEnd);
      keyTiles.set(windowStart, Math.max(windowStart, windowEnd + 1));
    }
  }

  /** Key tiles a multiple of {@code stride} away from the query tile. */
  record Strided(int stride) implements MeasuredHead {
    public Strided {
      requireAtLeast(1, "stride", stride);
    }

    @Override
    public void visit(TileGrid grid, int queryTile, BitSet keyTiles) {
      IntStream.rangeClosed(0, grid.lastVisibleKeyTile(queryTile))
          .filter(keyTile -> (queryTile - keyTile) % stride == 0)
          .forEach(keyTiles::set);
    }
  }

  /**
   * @param verticals key tiles that every query tile visits if they are visible
   * @param slashes distances from the query tile back to a key tile
   */
  record VerticalSlash(List<Integer> verticals, List<Integer> slashes) implements MeasuredHead {
    public VerticalSlash {
      verticals = List.copyOf(verticals);
      slashes = List.copyOf(slashes);
      verticals.forEach(vertical -> requireAtLeast(0, "vertical", vertical));
      slashes.forEach(slash -> requireAtLeast(0, "slash", slash));
    }

    @Override
    public void visit(TileGrid grid, int queryTile, BitSet keyTiles) {
      int last = grid.lastVisibleKeyTile(queryTile);
      IntStream columns = verticals.stream().mapToInt(Integer::intValue);
      IntStream diagonals = slashes.stream().mapToInt(slash -> queryTile - slash);
      IntStream.concat(IntStream.of(queryTile), IntStream.concat(columns, diagonals))
          .filter(keyTile -> keyTile >= 0 && keyTile <= last)
          .forEach(keyTiles::set);
    }
  }

  /** Every visible tile with a chance, drawn as CPython's {@code random.Random} draws. */
  record Random(double density, long seed) implements MeasuredHead {
    /** Query tile i of a head draws with the seed {@code seed · this + i}. */
    private static final long SEED_STRIDE = 1_000_003;

    /** Leaves room for every query tile's own seed. */
    private static final long MOST_SEED = Long.MAX_VALUE / SEED_STRIDE - 1;

    public Random {
      if (!(density >= 0 && density <= 1)) {
        throw new IllegalArgumentException("The density (%s) must be in 0..1.".formatted(density));
      }
      if (seed < 0 || seed > MOST_SEED) {
        throw new IllegalArgumentException(
            "The seed (%d) must be in 0..%d.".formatted(seed, MOST_SEED));
      }
    }

    @Override
    public void visit(TileGrid grid, int queryTile, BitSet keyTiles) {
      RandomGenerator random = PythonRandom.seeded(seed * SEED_STRIDE + queryTile);
      for (int keyTile = 0; keyTile <= grid.lastVisibleKeyTile(queryTile); keyTile++) {
        if (random.nextDouble() < density) {
          keyTiles.set(keyTile);
        }
      }
      keyTiles.set(queryTile);
    }
  }

  private static void requireAtLeast(int least, String name, int value) {
    if (value < least) {
      throw new IllegalArgumentException(
          "The %s (%d) must be %d or more.".formatted(name, value, least));
    }
  }
}
