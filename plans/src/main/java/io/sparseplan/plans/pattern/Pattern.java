package io.sparseplan.plans.pattern;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.sparseplan.plans.geometry.TokenLayout;

/**
 * A rule that says which key tiles a query tile visits. Parameters are in tokens; what they mean in
 * tiles is each pattern's own business.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Dense.class, name = "dense"),
  @JsonSubTypes.Type(value = Skip.class, name = "skip"),
  @JsonSubTypes.Type(value = ElasticSpan.class, name = "elastic_span"),
  @JsonSubTypes.Type(value = TriShape.class, name = "tri_shape"),
  @JsonSubTypes.Type(value = Strided.class, name = "strided"),
  @JsonSubTypes.Type(value = DilatedWindow.class, name = "dilated_window"),
  @JsonSubTypes.Type(value = FrozenVerticalSlash.class, name = "frozen_vertical_slash"),
  @JsonSubTypes.Type(value = Neighborhood.class, name = "neighborhood"),
  @JsonSubTypes.Type(value = SlidingTile.class, name = "sliding_tile"),
  @JsonSubTypes.Type(value = VideoBand.class, name = "video_band"),
  @JsonSubTypes.Type(value = VideoStripes.class, name = "video_stripes"),
  @JsonSubTypes.Type(value = RadialDecay.class, name = "radial_decay"),
  @JsonSubTypes.Type(value = WindowSets.class, name = "window_sets"),
  @JsonSubTypes.Type(value = VerticalSlash.class, name = "vertical_slash"),
  @JsonSubTypes.Type(value = BlockTopK.class, name = "block_top_k"),
  @JsonSubTypes.Type(value = BandOfBlocks.class, name = "band_of_blocks"),
  @JsonSubTypes.Type(value = FixedFactorised.class, name = "fixed_factorised"),
  @JsonSubTypes.Type(value = Grid.class, name = "grid"),
  @JsonSubTypes.Type(value = ModalityCells.class, name = "modality_cells"),
  @JsonSubTypes.Type(value = BlockTopP.class, name = "block_top_p"),
  @JsonSubTypes.Type(value = BlockThreshold.class, name = "block_threshold"),
  @JsonSubTypes.Type(value = AnchorThreshold.class, name = "anchor_threshold"),
  @JsonSubTypes.Type(value = ChunkTopK.class, name = "chunk_top_k"),
  @JsonSubTypes.Type(value = CoveringVerticalSlash.class, name = "covering_vertical_slash"),
  @JsonSubTypes.Type(value = VideoChunkTopK.class, name = "video_chunk_top_k"),
  @JsonSubTypes.Type(value = VideoChunkTopP.class, name = "video_chunk_top_p"),
  @JsonSubTypes.Type(value = AntidiagonalTopP.class, name = "antidiagonal_top_p"),
  @JsonSubTypes.Type(value = ClusterTopP.class, name = "cluster_top_p"),
  @JsonSubTypes.Type(value = CompensatedBuffer.class, name = "compensated_buffer"),
  @JsonSubTypes.Type(value = HashBuckets.class, name = "hash_buckets"),
  @JsonSubTypes.Type(value = HeavyChannels.class, name = "heavy_channels"),
  @JsonSubTypes.Type(value = HierarchicalTopK.class, name = "hierarchical_top_k"),
  @JsonSubTypes.Type(value = KvBudget.class, name = "kv_budget"),
  @JsonSubTypes.Type(value = PageTopK.class, name = "page_top_k"),
  @JsonSubTypes.Type(value = SampledBand.class, name = "sampled_band"),
  @JsonSubTypes.Type(value = SimilarityTopP.class, name = "similarity_top_p"),
  @JsonSubTypes.Type(value = SkipSoftmax.class, name = "skip_softmax"),
  @JsonSubTypes.Type(value = TokensOfLayer.class, name = "tokens_of_layer")
})
public sealed interface Pattern permits FixedPattern, SelectedPattern, DecodePattern {
  /** A short unique name for tables, such as {@code dense} or {@code s128+w256+0.125N}. */
  String label();

  /** Whether the pattern means something where tokens lie so. */
  boolean fits(TokenLayout layout);
}
