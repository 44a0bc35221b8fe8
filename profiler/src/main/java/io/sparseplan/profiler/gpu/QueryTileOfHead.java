package io.sparseplan.profiler.gpu;

/**
 * What one thread block, or a row of them, scores.
 *
 * @param head of the queries
 */
record QueryTileOfHead(int head, int queryTile) {
  /** By its place in the order of launch: the tiles that see most come first, heads in turn. */
  static QueryTileOfHead at(int unit, PrefillShape shape) {
    int heads = shape.attention().queryHeads().count();
    return new QueryTileOfHead(unit % heads, shape.grid().tiles() - 1 - unit / heads);
  }
}
