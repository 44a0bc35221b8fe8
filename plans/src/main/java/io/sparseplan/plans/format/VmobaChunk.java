package io.sparseplan.plans.format;

import io.sparseplan.plans.geometry.Extents;

/** What a chunk of VMoBA is made of, in the order in which layers take turns. */
enum VmobaChunk {
  /** Some frames, each of them whole. */
  TEMPORAL("temporal"),
  /** Some places, at all times. */
  SPATIAL("spatial"),
  /** Some places, at some times. */
  BOTH("st");

  private final String prefix;

  VmobaChunk(String prefix) {
    this.prefix = prefix;
  }

  /** The key of its size. */
  String size() {
    return prefix + "_chunk_size";
  }

  /** The key of how many are kept. */
  String topK() {
    return prefix + "_topk";
  }

  /** The key of how many layers in turn have it. */
  String layers() {
    return prefix + "_layer";
  }

  /** What a chunk of a video is made of; one that has all of an axis is of the first that fits. */
  static VmobaChunk of(Extents chunk, Extents video) {
    if (chunk.tokensOfFrame() == video.tokensOfFrame()) {
      return TEMPORAL;
    }
    return chunk.frames() == video.frames() ? SPATIAL : BOTH;
  }
}
