"use strict";

/*
 * A glyph for each kind of pattern: what its tiles look like on a map of 100 × 100. Every move is
 * relative, so that a glyph can stand anywhere and at any size.
 */
const glyphs = {
  /** Patterns that only the runtime of a peer can run share one. */
  declared: "m25 0h50l25 50l-25 50h-50l-25 -50z",

  shapes: {
    dense: "m0 0h100v100h-100z",
    elastic_span: "m0 0h22v100h-22zm40 12l60 60v28h-14l-46 -46z",
    tri_shape: "m0 0h22v82h78v18h-100zm40 8l52 52v14h-12l-40 -34z",
    skip: "m0 40h100v20h-100z",
    strided: "m0 0h18v100h-18zm41 0h18v100h-18zm41 0h18v100h-18z",
    dilated_window: "m0 0h28v28h-28zm36 36h28v28h-28zm36 36h28v28h-28z",
    vertical_slash: "m26 0h18v100h-18zm28 14l46 46v24l-46 -46z",
    frozen_vertical_slash: "m26 0h18v80h-18zm28 6l46 46v24l-46 -46zm-54 82h100v12h-100z",
    block_top_k: "m0 0h34v34h-34zm62 20h34v34h-34zm-40 44h34v34h-34z",
    block_top_p: "m0 0h46v46h-46zm54 54h46v46h-46zm-54 20h26v26h-26zm74 -74h26v26h-26z",
    band_of_blocks: "m0 0h22v22h22v22h22v22h34v34h-34v-12h-22v-22h-22v-22h-22z",
    fixed_factorised: "m0 0h36v36h28v-36h16v64h20v36h-36v-36h-28v-18h-36z",
    neighborhood: "m50 0l50 50l-50 50l-50 -50z",
    sliding_tile: "m0 0h56v28h28v16h16v56h-56v-28h-28v-16h-16z",
    video_band: "m0 0h30l70 70v30h-30l-70 -70z",
    video_stripes: "m0 0h30v100h-30zm60 0h30v100h-30z",
    radial_decay: "m50 0l10 40l40 10l-40 10l-10 40l-10 -40l-40 -10l40 -10z",
    covering_vertical_slash: "m26 0h18v30h10v-16l46 46v24l-46 -30h-10v46h-18z",
    block_threshold: "m0 0h40v40h20v-20h40v40h-40v40h-40v-40h-20z",
    anchor_threshold: "m40 0h20v64l24 -14l16 14l-50 36l-50 -36l16 -14l24 14z",
    chunk_top_k: "m0 0h100v26h-100zm0 74h100v26h-100z",
    antidiagonal_top_p: "m72 0h28l-100 100v-28zm28 46v28l-26 26h-28z",
    similarity_top_p: "m0 0h30v30h-30zm36 0h64v30h-64zm-36 36h30v64h-30zm46 20h30v30h-30z",
    page_top_k: "m0 72h100v28h-100zm14 -40h22v28h-22zm50 0h22v28h-22z",
    tokens_of_layer: "m0 0h100v12h-100zm8 30h10v70h-10zm37 0h10v70h-10zm37 0h10v70h-10z",
    kv_budget: "m12 0h8v100h-8zm30 0h8v100h-8zm26 0h32v100h-32z",
    compensated_buffer: "m0 0h16v100h-16zm64 0h36v100h-36zm-32 36h18v28h-18z",
    heavy_channels: "m0 10h100v8h-100zm0 30h100v8h-100zm20 24h8v36h-8zm44 0h8v36h-8z",
    hierarchical_top_k: "m0 0h18v100h-18zm30 30h10v70h-10zm22 22h6v48h-6zm20 20h28v28h-28z",
    skip_softmax: "m0 0h28v28h-28zm36 36h28v28h-28zm36 36h28v28h-28zm-72 14h14v14h-14z",
    cluster_top_p: "m0 0h40v24h-40zm52 0h20v24h-20zm-24 34h44v30h-44zm40 44h32v22h-32zm-68 0h30v22h-30z",
    hash_buckets: "m0 0h26v26h-26zm26 26h24v24h-24zm24 24h26v26h-26zm26 26h24v24h-24zm8 -76h6v76h-6z",
    sampled_band: "m0 0h24l76 76v24h-24l-76 -76zm60 0h40v40z",
    grid: "m0 0h14v100h-14zm43 0h14v100h-14zm-43 43h100v14h-100zm86 -43h14v100h-14z",
    modality_cells: "m0 0h46v46h-46zm54 0h46v20h-46zm-54 54h20v46h-20zm54 0h46v46h-46z",
    window_sets: "m0 0h44v28h-44zm0 36h44v28h-44zm56 0h44v28h-44zm0 36h44v28h-44z",
    video_chunk_top_k: "m0 0h44v44h-44zm56 56h44v44h-44zm0 -56h44v20h-44z",
    video_chunk_top_p: "m0 0h44v44h-44zm56 56h44v44h-44zm-56 24h44v20h-44z",
  },

  /** Path data that begins with a relative move, for a square of this side. */
  shape(kind, side) {
    const shape = Object.hasOwn(glyphs.shapes, kind) ? glyphs.shapes[kind] : glyphs.declared;
    return shape.replace(/\d+/g, (number) => +((number * side) / 100).toFixed(1));
  },
};
