package io.sparseplan.plans.pattern;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.Tokens;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A pattern for each pair of modalities in a prompt of text and vision in turn: MMInference's
 * boundaries (arXiv 2504.16083, §3.2). Two patterns that depend on the query alone are its
 * Q-boundary, four are its 2-D boundary.
 *
 * <p>The prompt begins with text, and each boundary changes the modality. Each pattern is laid over
 * the whole prompt and kept where its queries and keys are. Rounded up to whole tiles: a query tile
 * visits what the patterns of all modalities that it holds visit, of the key tiles that hold
 * theirs.
 *
 * @param boundaries ascending places from which on the other modality comes
 * @param textOfText what text sees of text; any fixed pattern of a language model but skip and this
 * @param textOfVision what text sees of vision; it may be skip
 * @param visionOfText what vision sees of text; it may be skip
 * @param visionOfVision what vision sees of vision, not skip
 */
public record ModalityCells(
    @JsonProperty("boundaryTokens") List<Tokens> boundaries,
    @JsonProperty("textOfText") Pattern textOfText,
    @JsonProperty("textOfVision") Pattern textOfVision,
    @JsonProperty("visionOfText") Pattern visionOfText,
    @JsonProperty("visionOfVision") Pattern visionOfVision)
    implements FixedPattern {
  /** What a token is of. */
  public enum Modality {
    TEXT,
    VISION
  }

  public ModalityCells {
    boundaries = List.copyOf(boundaries);
    for (int nth = 1; nth < boundaries.size(); nth++) {
      if (boundaries.get(nth).compareTo(boundaries.get(nth - 1)) <= 0) {
        throw new IllegalArgumentException(
            "The boundaryTokens must ascend; %s follows %s."
                .formatted(boundaries.get(nth), boundaries.get(nth - 1)));
      }
    }
    for (Pattern cell : List.of(textOfText, textOfVision, visionOfText, visionOfVision)) {
      if (!(cell instanceof FixedPattern)
          || cell instanceof VideoPattern
          || cell instanceof ModalityCells) {
        throw new IllegalArgumentException(
            "The pattern %s of a pair of modalities must be fixed, of a language model, and simple."
                .formatted(cell.label()));
      }
    }
    if (textOfText instanceof Skip || visionOfVision instanceof Skip) {
      throw new IllegalArgumentException(
          "The patterns textOfText (%s) and visionOfVision (%s) must not be skip."
              .formatted(textOfText.label(), visionOfVision.label()));
    }
  }

  /** What queries of one modality see of keys of one. */
  public FixedPattern cell(Modality queries, Modality keys) {
    return FixedPattern.of(
        switch (queries) {
          case TEXT -> keys == Modality.TEXT ? textOfText : textOfVision;
          case VISION -> keys == Modality.TEXT ? visionOfText : visionOfVision;
        });
  }

  @Override
  public int[] keyTiles(TileGrid grid, int queryTile) {
    var tiles = new BitSet();
    for (Modality queries : Modality.values()) {
      if (tilesOf(grid, queries).get(queryTile)) {
        for (Modality keys : Modality.values()) {
          BitSet ofKeys = tilesOf(grid, keys);
          for (int keyTile : cell(queries, keys).keyTiles(grid, queryTile)) {
            tiles.set(keyTile, tiles.get(keyTile) || ofKeys.get(keyTile));
          }
        }
      }
    }
    return tiles.stream().toArray();
  }

  /** The tiles that hold a token of a modality. */
  private BitSet tilesOf(TileGrid grid, Modality modality) {
    var tiles = new BitSet();
    var edges = new ArrayList<Integer>();
    edges.add(0);
    boundaries.forEach(boundary -> edges.add(Math.min(boundary.count(), grid.length().count())));
    edges.add(grid.length().count());
    int tile = grid.tile().tokens();
    for (int nth = modality.ordinal(); nth + 1 < edges.size(); nth += 2) {
      if (edges.get(nth) < edges.get(nth + 1)) {
        tiles.set(edges.get(nth) / tile, (edges.get(nth + 1) - 1) / tile + 1);
      }
    }
    return tiles;
  }

  @JsonIgnore
  @Override
  public String label() {
    return "cells[%s](%s,%s,%s,%s)"
        .formatted(
            boundaries.stream().map(Tokens::toString).collect(Collectors.joining("/")),
            textOfText.label(),
            textOfVision.label(),
            visionOfText.label(),
            visionOfVision.label());
  }
}
