// XAttention's estimate of a head's blocks (arXiv 2503.16428, §3.1, and its code with norm 1).
//
// Queries and keys are taken in groups of S, the stride. The score of a pair of groups is the sum over one antidiagonal of
// its S × S scores, ÷ S: the product of vectors of S · HEAD_DIM, with the queries of a group in reverse. A softmax over
// the groups of keys up to the query's own, summed by key tile, is the estimate. Scores never exist at once: of each key
// tile, antidiagonal_partials keeps every group's largest score and its sum of exponentials; antidiagonal_sums puts
// them on one scale. Products are mma.sync in bf16 with float sums, 64 × 64 groups a thread block.
//
// Shapes: q [heads][tokens][HEAD_DIM], k [kvHeads][tokens][HEAD_DIM], bf16; tokens after the last are zeros. maxSum
// [heads][groups][tiles]: the largest score in log2, and the sum; entries of key tiles after the group's are not written.
// estimate [heads][tiles][tiles], float, query tile first, likewise; a row sums to the number of groups of the tile.
// groupsOfTile is a power of two of at most 64. reach: a query sees so many keys, its own the last of them; key tiles that
// no query of a tile sees have no part in it.
#include "tensor_core.cuh"

#ifndef HEAD_DIM
#define HEAD_DIM 128
#endif

constexpr int THREADS = 128;
constexpr int BLOCK = 64;               // groups
constexpr int DEPTH = 64;               // elements of a step
constexpr int PIECES = DEPTH / 8;
constexpr int STEPS_OF_TOKEN = HEAD_DIM / DEPTH;
constexpr int STAGE = 2 * BLOCK * PIECES;
constexpr int STAGES = 3;
constexpr int OCTETS = BLOCK / 8;
constexpr int SCORES_STRIDE = BLOCK + 1;
constexpr float LEAST = -1e30f;
static_assert(BLOCK * SCORES_STRIDE * sizeof(float) <= STAGES * STAGE * sizeof(uint4), "scores lie where operands did");

__device__ __forceinline__ int permuted(int row, int piece) { return permutedOf<PIECES>(row, piece); }

// The first key tile that some query of the tile sees.
__device__ __forceinline__ int firstKeyTile(int queryTile, int tile, int reach) {
  return max(0, queryTile * tile - reach + 1) / tile;
}

// Grid: block of key groups fastest, then block of query groups, then head, of which firstHead is the first.
extern "C" __global__ void __launch_bounds__(THREADS) antidiagonal_partials(
    const __nv_bfloat16* __restrict__ q,
    const __nv_bfloat16* __restrict__ k,
    float2* __restrict__ maxSum,
    int firstHead,
    int tokens,
    int groupSize,
    int stride,
    int groupsOfTile,
    int tiles,
    float scaleLog2) {
  __shared__ uint4 shared[STAGES * STAGE];
  if (blockIdx.x > blockIdx.y) return;
  const int head = firstHead + blockIdx.z;
  const int groups = (tokens + stride - 1) / stride;
  const int firstQuery = blockIdx.y * BLOCK;
  const int firstKey = blockIdx.x * BLOCK;
  const __nv_bfloat16* const queries = q + (size_t)head * tokens * HEAD_DIM;
  const __nv_bfloat16* const keys = k + (size_t)(head / groupSize) * tokens * HEAD_DIM;
  const int warp = threadIdx.x / 32;
  const int lane = threadIdx.x % 32;
  const int steps = stride * STEPS_OF_TOKEN;

  // Every step is one group of copies, an empty one after the last.
  auto fetch = [&](int step) {
    if (step < steps) {
      uint4* const stage = shared + step % STAGES * STAGE;
      const int nth = step / STEPS_OF_TOKEN;
      const int column = step % STEPS_OF_TOKEN * DEPTH;
#pragma unroll
      for (int at = threadIdx.x; at < BLOCK * PIECES; at += THREADS) {
        const int row = at / PIECES;
        const int piece = at % PIECES;
        const int queryToken = (firstQuery + row) * stride + stride - 1 - nth;
        const int keyToken = (firstKey + row) * stride + nth;
        const bool isQuery = queryToken < tokens;
        const bool isKey = keyToken < tokens;
        copyAsync(
            stage + permuted(row, piece),
            queries + (size_t)(isQuery ? queryToken : 0) * HEAD_DIM + column + piece * 8, isQuery);
        copyAsync(
            stage + BLOCK * PIECES + permuted(row, piece),
            keys + (size_t)(isKey ? keyToken : 0) * HEAD_DIM + column + piece * 8, isKey);
      }
    }
    asm volatile("cp.async.commit_group;");
  };

  for (int step = 0; step < STAGES - 1; step++) fetch(step);
  float sum[OCTETS][4] = {};
  for (int step = 0; step < steps; step++) {
    asm volatile("cp.async.wait_group %0;" ::"n"(STAGES - 2));
    __syncthreads();
    fetch(step + STAGES - 1);
    const uint4* const left = shared + step % STAGES * STAGE;
    const uint4* const right = left + BLOCK * PIECES;
#pragma unroll 1
    for (int part = 0; part < DEPTH / 16; part++) {
      uint32_t a[4];
      loadMatrices(a, left + permuted(warp * 16 + lane % 16, part * 2 + lane / 16));
#pragma unroll
      for (int pair = 0; pair < OCTETS / 2; pair++) {
        uint32_t b[4];
        loadMatrices(b, right + permuted(pair * 16 + lane % 8 + lane / 16 * 8, part * 2 + lane / 8 % 2));
        multiply(sum[2 * pair], a, b[0], b[1]);
        multiply(sum[2 * pair + 1], a, b[2], b[3]);
      }
    }
  }
  asm volatile("cp.async.wait_group 0;");
  __syncthreads();

  float* const scores = reinterpret_cast<float*>(shared);
#pragma unroll
  for (int octet = 0; octet < OCTETS; octet++) {
#pragma unroll
    for (int at = 0; at < 4; at++) {
      scores[(warp * 16 + lane / 4 + at / 2 * 8) * SCORES_STRIDE + octet * 8 + lane % 4 * 2 + at % 2] =
          sum[octet][at] * scaleLog2;
    }
  }
  __syncthreads();
  const int tilesOfBlock = BLOCK / groupsOfTile;
  for (int at = threadIdx.x; at < BLOCK * tilesOfBlock; at += THREADS) {
    const int row = at % BLOCK;
    const int first = at / BLOCK * groupsOfTile;
    const int group = firstQuery + row;
    const int count = min(groupsOfTile, group - (firstKey + first) + 1);
    if (group >= groups || count <= 0) continue;
    const float* const of = scores + row * SCORES_STRIDE + first;
    float most = LEAST;
    for (int n = 0; n < count; n++) most = fmaxf(most, of[n]);
    float total = 0;
    for (int n = 0; n < count; n++) total += exp2f(of[n] - most);
    maxSum[((size_t)blockIdx.z * groups + group) * tiles + (firstKey + first) / groupsOfTile] =
        make_float2(most, total);
  }
}

// Grid: query tile fastest, then head, of which firstHead is the first.
extern "C" __global__ void __launch_bounds__(THREADS) antidiagonal_sums(
    const float2* __restrict__ maxSum,
    float* __restrict__ estimate,
    int firstHead,
    int groups,
    int groupsOfTile,
    int tile,
    int reach) {
  __shared__ float2 normalizer[BLOCK];  // of each group: the largest score, and the sum
  const int tiles = gridDim.x;
  const int queryTile = blockIdx.x;
  const int from = firstKeyTile(queryTile, tile, reach);
  const int first = queryTile * groupsOfTile;
  const int count = min(groupsOfTile, groups - first);
  const int warp = threadIdx.x / 32;
  const int lane = threadIdx.x % 32;
  const float2* const ofTile = maxSum + ((size_t)blockIdx.y * groups + first) * tiles;
  for (int group = warp; group < count; group += THREADS / 32) {
    const float2* const row = ofTile + (size_t)group * tiles;
    float most = LEAST;
    for (int keyTile = from + lane; keyTile <= queryTile; keyTile += 32) most = fmaxf(most, row[keyTile].x);
    for (int other = 16; other > 0; other /= 2) most = fmaxf(most, __shfl_xor_sync(~0u, most, other));
    float total = 0;
    for (int keyTile = from + lane; keyTile <= queryTile; keyTile += 32) {
      total += row[keyTile].y * exp2f(row[keyTile].x - most);
    }
    for (int other = 16; other > 0; other /= 2) total += __shfl_xor_sync(~0u, total, other);
    if (lane == 0) normalizer[group] = make_float2(most, total);
  }
  __syncthreads();
  float* const to = estimate + ((size_t)(firstHead + blockIdx.y) * tiles + queryTile) * tiles;
  for (int keyTile = threadIdx.x; keyTile <= queryTile; keyTile += THREADS) {
    float total = 0;
    if (keyTile >= from) {
      for (int group = 0; group < count; group++) {
        const float2 own = ofTile[(size_t)group * tiles + keyTile];
        total += own.y * exp2f(own.x - normalizer[group].x) / normalizer[group].y;
      }
    }
    to[keyTile] = total;
  }
}
