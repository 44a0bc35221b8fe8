package io.sparseplan.costmodel.measured;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonValue;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileLists;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.pattern.ElasticSpan;
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
  /** The tiles that the head visited. */
  TileLists on(TileGrid grid);

  /** Every visible tile. */
  record Dense() implements MeasuredHead {
    @Override
    public TileLists on(TileGrid grid) {
      return new io.sparseplan.plans.pattern.Dense().on(grid);
    }
  }

  /** The first tiles, and a window that ends at the query tile, or is centred on it. */
  record Streaming(Sink sink, Window window) implements MeasuredHead {
    /** Key tiles from the first one. */
    public record Sink(@JsonValue int tiles) {
      @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
      public Sink {}
    }

    /** Key tiles up to the query's own one, and as many after it where not causal. */
    public record Window(@JsonValue int tiles) {
      @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
      public Window {}
    }

    @Override
    public TileLists on(TileGrid grid) {
      int tile = grid.tile().tokens();
      return new ElasticSpan(Tokens.of(sink.tiles * tile), Tokens.of(window.tiles * tile), 0)
          .on(grid);
    }
  }

  /** Key tiles a multiple of {@code stride} away from the query tile. */
  record Strided(int stride) implements MeasuredHead {
    @Override
    public TileLists on(TileGrid grid) {
      return TileLists.of(
          grid,
          queryTile ->
              IntStream.rangeClosed(0, grid.lastVisibleKeyTile(queryTile))
                  .filter(keyTile -> (queryTile - keyTile) % stride == 0)
                  .toArray());
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
    }

    @Override
    public TileLists on(TileGrid grid) {
      return TileLists.of(
          grid,
          queryTile -> {
            int last = grid.lastVisibleKeyTile(queryTile);
            IntStream columns = verticals.stream().mapToInt(Integer::intValue);
            IntStream diagonals = slashes.stream().mapToInt(slash -> queryTile - slash);
            return IntStream.concat(IntStream.of(queryTile), IntStream.concat(columns, diagonals))
                .filter(keyTile -> keyTile >= 0 && keyTile <= last)
                .sorted()
                .distinct()
                .toArray();
          });
    }
  }

  /** Every visible tile with a chance, drawn as CPython's {@code random.Random} draws. */
  record Random(double density, long seed) implements MeasuredHead {
    /** Query tile i of a head draws with the seed {@code seed · this + i}. */
    private static final long SEED_STRIDE = 1_000_003;

    @Override
    public TileLists on(TileGrid grid) {
      return TileLists.of(grid, queryTile -> draw(grid, queryTile));
    }

    private int[] draw(TileGrid grid, int queryTile) {
      RandomGenerator random =
          PythonRandom.seeded(Math.addExact(Math.multiplyExact(seed, SEED_STRIDE), queryTile));
      var visited = new BitSet();
      for (int keyTile = 0; keyTile <= grid.lastVisibleKeyTile(queryTile); keyTile++) {
        visited.set(keyTile, random.nextDouble() < density);
      }
      visited.set(queryTile);
      return visited.stream().toArray();
    }
  }
}
