package io.sparseplan.profiler.attention;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileLists;
import io.sparseplan.plans.pattern.DecodePattern;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.pattern.PermutedPattern;
import io.sparseplan.plans.plan.HeadPlan;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The tiles that every head of the model visits on one prompt, in layer-major order: lists, or
 * rules that pick them when the queries and keys of a layer are there. Heads whose rows of answers
 * read single tokens name the rule.
 */
public final class AttentionTiles {
  private final TileGrid grid;
  private final int queryHeads;
  private final boolean sameInEveryLayer;
  private final List<Sources> heads;

  /**
   * @param tokens the rule of rows of answers, where they read tokens and not the decode tiles
   */
  private record Sources(TileSource prefill, TileSource decode, Optional<DecodePattern> tokens) {}

  private AttentionTiles(
      TileGrid grid, int queryHeads, boolean sameInEveryLayer, List<Sources> heads) {
    this.grid = grid;
    this.queryHeads = queryHeads;
    this.sameInEveryLayer = sameInEveryLayer;
    this.heads = heads;
  }

  /** Every head dense. */
  public static AttentionTiles dense(TileGrid grid) {
    return uniform(HeadPatterns.both(new Dense()), grid);
  }

  /** Every head the same. */
  public static AttentionTiles uniform(HeadPatterns patterns, TileGrid grid) {
    return everyLayer(List.of(patterns), grid);
  }

  /** Every layer the same: the patterns of its heads in order, or of one for all of them. */
  public static AttentionTiles everyLayer(List<HeadPatterns> headsOfLayer, TileGrid grid) {
    return new AttentionTiles(grid, headsOfLayer.size(), true, sources(headsOfLayer, grid));
  }

  /** What a plan says for prompts of the grid's length; the grid's tile must be the plan's. */
  public static AttentionTiles of(HeadPlan plan, TileGrid grid) {
    if (!plan.layout().tile().equals(grid.tile())) {
      throw new IllegalArgumentException(
          "The tile (%s) must be the plan's (%s).".formatted(grid.tile(), plan.layout().tile()));
    }
    List<HeadPatterns> heads =
        plan.at(grid.length()).heads().stream()
            .map(head -> new HeadPatterns(head.prefill(), head.decodeOrPrefill()))
            .toList();
    return new AttentionTiles(
        grid, plan.model().attention().queryHeads().count(), false, sources(heads, grid));
  }

  private static List<Sources> sources(List<HeadPatterns> heads, TileGrid grid) {
    Map<Pattern, TileSource> sourceOf = new HashMap<>();
    Function<Pattern, TileSource> source =
        pattern -> sourceOf.computeIfAbsent(pattern, absent -> TileSource.of(absent, grid));
    return heads.stream()
        .map(
            head -> {
              TileSource prefill = source.apply(head.prefill());
              return head.decode() instanceof DecodePattern rule
                  ? new Sources(prefill, prefill, Optional.of(rule))
                  : new Sources(prefill, source.apply(head.decode()), Optional.empty());
            })
        .toList();
  }

  public TileGrid grid() {
    return grid;
  }

  /** The tiles of one head where they are lists; nothing where a rule picks some. */
  public Optional<HeadTiles> listed(int layer, int head) {
    Sources sources = sources(layer, head);
    return sources.prefill() instanceof TileSource.Listed(TileLists prefill)
            && sources.decode() instanceof TileSource.Listed(TileLists decode)
        ? Optional.of(new HeadTiles(prefill, decode))
        : Optional.empty();
  }

  /**
   * The tiles of one head.
   *
   * @param selector loaded with the head and the queries and keys of the layer
   */
  public HeadTiles of(int layer, int head, TileSelector selector) {
    Sources sources = sources(layer, head);
    TileLists prefill = sources.prefill().lists(selector);
    return new HeadTiles(
        prefill,
        sources.decode() == sources.prefill() ? prefill : sources.decode().lists(selector));
  }

  /** The rule by which rows of answers of a head read tokens; nothing where they visit tiles. */
  public Optional<DecodePattern> decodePattern(int layer, int head) {
    return sources(layer, head).tokens();
  }

  /** Those of all heads, none twice. */
  public Set<DecodePattern> decodePatterns() {
    return heads.stream().flatMap(head -> head.tokens().stream()).collect(Collectors.toSet());
  }

  /** What lays out the tokens of a head anew for the rows of prompts; nothing where tiles do. */
  public Optional<PermutedPattern> permutation(int layer, int head) {
    return sources(layer, head).prefill() instanceof TileSource.Permuted(PermutedPattern rule)
        ? Optional.of(rule)
        : Optional.empty();
  }

  /**
   * The tiles that rows of answers visit where those of the prompt are of another order; nothing
   * where they are too.
   */
  Optional<TileLists> decodeBeside(int layer, int head, TileSelector selector) {
    Sources sources = sources(layer, head);
    return sources.decode().equals(sources.prefill())
        ? Optional.empty()
        : Optional.of(sources.decode().lists(selector));
  }

  private Sources sources(int layer, int head) {
    int ofLayer = sameInEveryLayer ? 0 : layer * queryHeads;
    return heads.get(ofLayer + (queryHeads == 1 ? 0 : head));
  }
}
