// Attention of one new token per sequence over a list of key tiles per (sequence, KV head), with the keys split over
// thread blocks ("flash decoding": arXiv 2311.01282, section 3). All query heads of a KV group are computed together,
// so a key is read from memory once for the group.
//
// split_decode: one thread block per chunk of a tile list. LANES lanes share a key: each holds DIMS of its elements, so
// that a warp reads whole 16-byte pieces of neighbouring rows; every lane group keeps a softmax of its own, and the
// block merges them at the end. combine: one thread block per (sequence, query head) merges the chunks.
//
// Shapes: q [batch][heads][HEAD_DIM], k and v [batch][kvHeads][tokens][HEAD_DIM], bf16. GROUP query heads go together; it
// divides the query heads of a KV head, and where it is less, several groups read the same keys.
// chunks [4 ints each]: sequence · kvHeads + kvHead, first entry in tileList, entries, first query row ÷ GROUP.
// partialO [chunk][GROUP][HEAD_DIM] unnormalised; partialMaxSum [chunk][GROUP] (running maximum in log2, sum).
#include <cuda_bf16.h>

#ifndef HEAD_DIM
#define HEAD_DIM 128
#endif
#ifndef GROUP
#define GROUP 4
#endif
#ifndef TILE
#define TILE 64
#endif

constexpr int DIMS = GROUP > 4 ? 8 : 16;       // elements of a row in one lane: GROUP * DIMS registers of q and of o
constexpr int LANES = HEAD_DIM / DIMS;         // lanes of one key
constexpr int PIECES = DIMS / 8;               // 16-byte pieces of a row in one lane
constexpr int KEYS_OF_WARP = 32 / LANES;
constexpr int WARPS = 4;
constexpr int UNROLL = TILE / (WARPS * KEYS_OF_WARP) < 4 ? TILE / (WARPS * KEYS_OF_WARP) : 4;
constexpr int KEYS_OF_STEP = WARPS * KEYS_OF_WARP * UNROLL;
constexpr float LEAST = -1e30f;
static_assert(UNROLL >= 1 && TILE % KEYS_OF_STEP == 0, "a step must not cross a tile");

__device__ __forceinline__ int dimOf(int lane, int element) {
  return (element / 8) * (HEAD_DIM / PIECES) + lane * 8 + element % 8;
}

__device__ __forceinline__ void loadRow(const __nv_bfloat16* row, int lane, uint4 (&into)[PIECES]) {
#pragma unroll
  for (int p = 0; p < PIECES; p++) {
    into[p] = __ldg(reinterpret_cast<const uint4*>(row + p * (HEAD_DIM / PIECES) + lane * 8));
  }
}

__device__ __forceinline__ float element(const uint4 (&row)[PIECES], int e) {
  const uint4& piece = row[e / 8];
  unsigned word = (e % 8) / 2 == 0 ? piece.x : (e % 8) / 2 == 1 ? piece.y : (e % 8) / 2 == 2 ? piece.z : piece.w;
  return __uint_as_float(e % 2 == 0 ? word << 16 : word & 0xffff0000u);
}

extern "C" __global__ void __launch_bounds__(WARPS * 32) split_decode(
    const __nv_bfloat16* __restrict__ q,
    const __nv_bfloat16* __restrict__ k,
    const __nv_bfloat16* __restrict__ v,
    const int4* __restrict__ chunks,
    const int* __restrict__ tileList,
    float* __restrict__ partialO,
    float2* __restrict__ partialMaxSum,
    int tokens,
    float scaleLog2) {
  const int4 chunk = chunks[blockIdx.x];
  const int warp = threadIdx.x / 32;
  const int lane = threadIdx.x % LANES;
  const int keyOfWarp = threadIdx.x % 32 / LANES;
  const size_t row0 = (size_t)chunk.x * tokens;

  float query[GROUP][DIMS];
  float o[GROUP][DIMS];
  float maximum[GROUP];
  float sum[GROUP];
#pragma unroll
  for (int g = 0; g < GROUP; g++) {
    maximum[g] = LEAST;
    sum[g] = 0;
#pragma unroll
    for (int e = 0; e < DIMS; e++) {
      query[g][e] =
          __bfloat162float(q[((size_t)chunk.w * GROUP + g) * HEAD_DIM + dimOf(lane, e)]) * scaleLog2;
      o[g][e] = 0;
    }
  }

  for (int t = 0; t < chunk.z; t++) {
    const int firstKey = tileList[chunk.y + t] * TILE;
#pragma unroll 1
    for (int step = 0; step < TILE; step += KEYS_OF_STEP) {
      uint4 keyRow[UNROLL][PIECES];
      uint4 valueRow[UNROLL][PIECES];
      bool visible[UNROLL];
#pragma unroll
      for (int u = 0; u < UNROLL; u++) {
        const int key = firstKey + step + (u * WARPS + warp) * KEYS_OF_WARP + keyOfWarp;
        visible[u] = key < tokens;
        const size_t at = (row0 + (visible[u] ? key : 0)) * HEAD_DIM;
        loadRow(k + at, lane, keyRow[u]);
        loadRow(v + at, lane, valueRow[u]);
      }
      float score[UNROLL][GROUP];
#pragma unroll
      for (int u = 0; u < UNROLL; u++) {
#pragma unroll
        for (int g = 0; g < GROUP; g++) {
          float s = 0;
#pragma unroll
          for (int e = 0; e < DIMS; e++) s += query[g][e] * element(keyRow[u], e);
#pragma unroll
          for (int other = LANES / 2; other > 0; other /= 2) s += __shfl_xor_sync(~0u, s, other);
          score[u][g] = visible[u] ? s : LEAST;
        }
      }
#pragma unroll
      for (int g = 0; g < GROUP; g++) {
        float newMaximum = maximum[g];
#pragma unroll
        for (int u = 0; u < UNROLL; u++) newMaximum = fmaxf(newMaximum, score[u][g]);
        const float shrink = exp2f(maximum[g] - newMaximum);
        maximum[g] = newMaximum;
        sum[g] *= shrink;
#pragma unroll
        for (int e = 0; e < DIMS; e++) o[g][e] *= shrink;
#pragma unroll
        for (int u = 0; u < UNROLL; u++) {
          const float weight = visible[u] ? exp2f(score[u][g] - newMaximum) : 0.f;
          sum[g] += weight;
#pragma unroll
          for (int e = 0; e < DIMS; e++) o[g][e] += weight * element(valueRow[u], e);
        }
      }
    }
  }

  // Lane groups of a warp first, then warps through shared memory.
  __shared__ float sharedO[WARPS][GROUP][HEAD_DIM];
  __shared__ float2 sharedMaxSum[WARPS][GROUP];
#pragma unroll
  for (int g = 0; g < GROUP; g++) {
#pragma unroll
    for (int other = LANES; other < 32; other *= 2) {
      const float theirMaximum = __shfl_xor_sync(~0u, maximum[g], other);
      const float theirSum = __shfl_xor_sync(~0u, sum[g], other);
      const float both = fmaxf(maximum[g], theirMaximum);
      const float mine = exp2f(maximum[g] - both);
      const float theirs = exp2f(theirMaximum - both);
      maximum[g] = both;
      sum[g] = sum[g] * mine + theirSum * theirs;
#pragma unroll
      for (int e = 0; e < DIMS; e++) {
        o[g][e] = o[g][e] * mine + __shfl_xor_sync(~0u, o[g][e], other) * theirs;
      }
    }
    if (keyOfWarp == 0) {
#pragma unroll
      for (int e = 0; e < DIMS; e++) sharedO[warp][g][dimOf(lane, e)] = o[g][e];
      if (lane == 0) sharedMaxSum[warp][g] = make_float2(maximum[g], sum[g]);
    }
  }
  __syncthreads();
  for (int at = threadIdx.x; at < GROUP * HEAD_DIM; at += WARPS * 32) {
    const int g = at / HEAD_DIM;
    float both = LEAST;
    for (int w = 0; w < WARPS; w++) both = fmaxf(both, sharedMaxSum[w][g].x);
    float total = 0;
    float value = 0;
    for (int w = 0; w < WARPS; w++) {
      const float factor = exp2f(sharedMaxSum[w][g].x - both);
      total += sharedMaxSum[w][g].y * factor;
      value += sharedO[w][g][at % HEAD_DIM] * factor;
    }
    partialO[(size_t)blockIdx.x * GROUP * HEAD_DIM + at] = value;
    if (at % HEAD_DIM == 0) partialMaxSum[(size_t)blockIdx.x * GROUP + g] = make_float2(both, total);
  }
}

// chunkOf [batch · heads ÷ GROUP + 1]: the first chunk of each group of queries; chunks of one are neighbours.
extern "C" __global__ void __launch_bounds__(HEAD_DIM) combine(
    const float* __restrict__ partialO,
    const float2* __restrict__ partialMaxSum,
    const int* __restrict__ chunkOf,
    __nv_bfloat16* __restrict__ out) {
  const int owner = blockIdx.x / GROUP;
  const int g = blockIdx.x % GROUP;
  float both = LEAST;
  for (int c = chunkOf[owner]; c < chunkOf[owner + 1]; c++) both = fmaxf(both, partialMaxSum[(size_t)c * GROUP + g].x);
  float total = 0;
  float value = 0;
  for (int c = chunkOf[owner]; c < chunkOf[owner + 1]; c++) {
    const float2 part = partialMaxSum[(size_t)c * GROUP + g];
    const float factor = exp2f(part.x - both);
    total += part.y * factor;
    value += partialO[((size_t)c * GROUP + g) * HEAD_DIM + threadIdx.x] * factor;
  }
  out[(size_t)blockIdx.x * HEAD_DIM + threadIdx.x] = __float2bfloat16(value / total);
}
