// Scores of the mean query of a tile against the mean key of each tile up to it: what block top-k rules pick by
// (MInference, arXiv 2407.02490, §3.2).
//
// Shapes: rows [heads][tokens][headDim], bf16; means [heads][tiles][headDim], float; ofQueries and ofKeys are such means;
// scores [heads][tiles][tiles], float, query tile first; those of key tiles after the query tile are not written.
#include <cuda_bf16.h>

// Grid: tile fastest, then head; a thread an element of a row.
extern "C" __global__ void tile_means(
    const __nv_bfloat16* __restrict__ rows, float* __restrict__ means, int tokens, int tile) {
  const int headDim = blockDim.x;
  const int first = blockIdx.x * tile;
  const int count = min(tile, tokens - first);
  const __nv_bfloat16* const from = rows + ((size_t)blockIdx.y * tokens + first) * headDim + threadIdx.x;
  float sum = 0;
  for (int row = 0; row < count; row++) sum += __bfloat162float(from[(size_t)row * headDim]);
  means[((size_t)blockIdx.y * gridDim.x + blockIdx.x) * headDim + threadIdx.x] = sum / count;
}

// Grid: query tile fastest, then head; threads go through the key tiles.
extern "C" __global__ void pooled_scores(
    const float* __restrict__ ofQueries,
    const float* __restrict__ ofKeys,
    float* __restrict__ scores,
    int headDim,
    int groupSize,
    float scale) {
  const int tiles = gridDim.x;
  const float* const query = ofQueries + ((size_t)blockIdx.y * tiles + blockIdx.x) * headDim;
  const float* const keys = ofKeys + (size_t)(blockIdx.y / groupSize) * tiles * headDim;
  float* const to = scores + ((size_t)blockIdx.y * tiles + blockIdx.x) * tiles;
  for (int keyTile = threadIdx.x; keyTile <= blockIdx.x; keyTile += blockDim.x) {
    const float* const key = keys + (size_t)keyTile * headDim;
    float sum = 0;
    for (int d = 0; d < headDim; d++) sum = fmaf(query[d], key[d], sum);
    to[keyTile] = sum * scale;
  }
}
