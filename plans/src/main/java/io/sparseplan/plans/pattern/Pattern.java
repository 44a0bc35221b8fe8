package io.sparseplan.plans.pattern;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileLists;

/**
 * A rule that says which key tiles a query tile visits. Parameters are in tokens; what they mean in
 * tiles is each pattern's own business, and {@link TokenMask} is the slow reference for it.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Dense.class, name = "dense"),
  @JsonSubTypes.Type(value = ElasticSpan.class, name = "elastic_span"),
  @JsonSubTypes.Type(value = TriShape.class, name = "tri_shape")
})
public sealed interface Pattern permits Dense, ElasticSpan, TriShape {
  /** The key tiles that the query tile visits, strictly ascending, all of them visible. */
  int[] keyTiles(TileGrid grid, int queryTile);

  /** A short unique name for tables, such as {@code dense} or {@code s128+w256+0.125N}. */
  String label();

  /** This pattern on a grid. */
  default TileLists on(TileGrid grid) {
    return TileLists.of(grid, queryTile -> keyTiles(grid, queryTile));
  }
}
