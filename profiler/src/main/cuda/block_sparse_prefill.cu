// Attention of a prompt over a list of key tiles per (head, query tile): runs any plan.
//
// The idea is flash attention 2 (arXiv 2307.08691): one thread block keeps a tile of queries, streams key tiles, and
// never writes scores. Products are mma.sync on tensor cores in bf16 with float sums. A warp owns 16 queries. Keys and
// values arrive by cp.async, STEP keys at a time, one step ahead; rows are stored with their 16-byte pieces permuted by
// the row number, so that ldmatrix meets no bank conflict.
//
// Shapes: q and o [batch][heads][tokens][HEAD_DIM], k and v [batch][kvHeads][tokens][HEAD_DIM], bf16.
// rowStart [heads][queryTiles + 1] into keyTiles: the tiles of each query tile, ascending, all visible.
// logSumExp [batch][heads][tokens], natural; -inf where a query sees no key.
// reach: a query sees so many keys, its own the last of them; 0: all keys, later ones too.
// Grid: query tile fastest, then prompt of the batch, then head.
#include "head_rows.cuh"

constexpr int STEP = 64;                  // keys at a time
constexpr int KEY_OCTETS = STEP / 8;
static_assert(TILE % STEP == 0, "a step must not cross a tile");

extern "C" __global__ void __launch_bounds__(THREADS) block_sparse_prefill(
    const __nv_bfloat16* __restrict__ q,
    const __nv_bfloat16* __restrict__ k,
    const __nv_bfloat16* __restrict__ v,
    const int* __restrict__ rowStart,
    const int* __restrict__ keyTiles,
    __nv_bfloat16* __restrict__ o,
    float* __restrict__ logSumExp,
    int tokens,
    int kvHeads,
    int reach,
    float scaleLog2) {
  extern __shared__ uint4 shared[];
  uint4* const queries = shared;
  uint4* const keysAndValues = shared + TILE * PIECES;  // [2 stages][keys, values][STEP][PIECES]

  const int queryTile = blockIdx.x;
  const int prompt = blockIdx.y;
  const int head = blockIdx.z;
  const int heads = gridDim.z;
  const int warp = threadIdx.x / 32;
  const int lane = threadIdx.x % 32;
  const size_t queryRow0 = ((size_t)prompt * heads + head) * tokens;
  const size_t keyRow0 = ((size_t)prompt * kvHeads + head / (heads / kvHeads)) * tokens;
  const int* const row = rowStart + (size_t)head * (gridDim.x + 1) + queryTile;
  const int firstEntry = row[0];
  const int steps = (row[1] - firstEntry) * (TILE / STEP);

  auto keyOfStep = [&](int step) {
    return keyTiles[firstEntry + step / (TILE / STEP)] * TILE + step % (TILE / STEP) * STEP;
  };
  auto fetch = [&](int step) {
    uint4* const stage = keysAndValues + (step & 1) * 2 * STEP * PIECES;
    const int key = keyOfStep(step);
    copyRows<STEP>(stage, k + keyRow0 * HEAD_DIM, key, tokens);
    copyRows<STEP>(stage + STEP * PIECES, v + keyRow0 * HEAD_DIM, key, tokens);
    asm volatile("cp.async.commit_group;");
  };

  copyRows<TILE>(queries, q + queryRow0 * HEAD_DIM, queryTile * TILE, tokens);
  asm volatile("cp.async.commit_group;");
  if (steps > 0) fetch(0);

  float output[HEAD_OCTETS][4] = {};
  float maximum[2] = {-1e30f, -1e30f};  // of rows lane / 4 and lane / 4 + 8 of the warp
  float sum[2] = {0, 0};
  uint32_t query[DEPTHS][4];
  const int firstQuery = queryTile * TILE + warp * 16 + lane / 4;

  for (int step = 0; step < steps; step++) {
    if (step + 1 < steps) {
      fetch(step + 1);
      asm volatile("cp.async.wait_group 1;");
    } else {
      asm volatile("cp.async.wait_group 0;");
    }
    __syncthreads();
    if (step == 0) {
#pragma unroll
      for (int depth = 0; depth < DEPTHS; depth++) {
        loadMatrices(query[depth], queries + permuted(warp * 16 + lane % 16, depth * 2 + lane / 16));
      }
    }
    const uint4* const keys = keysAndValues + (step & 1) * 2 * STEP * PIECES;
    const uint4* const values = keys + STEP * PIECES;

    float score[KEY_OCTETS][4] = {};
#pragma unroll
    for (int depth = 0; depth < DEPTHS; depth++) {
#pragma unroll
      for (int pair = 0; pair < KEY_OCTETS / 2; pair++) {
        uint32_t key[4];
        loadMatrices(key, keys + permuted(pair * 16 + lane % 8 + lane / 16 * 8, depth * 2 + lane / 8 % 2));
        multiply(score[2 * pair], query[depth], key[0], key[1]);
        multiply(score[2 * pair + 1], query[depth], key[2], key[3]);
      }
    }

    const int firstKey = keyOfStep(step);
    const int firstOfWarp = queryTile * TILE + warp * 16;
    if (firstKey + STEP > tokens ||
        (reach && (firstKey + STEP - 1 > firstOfWarp || firstKey <= firstOfWarp + 15 - reach))) {
#pragma unroll
      for (int octet = 0; octet < KEY_OCTETS; octet++) {
#pragma unroll
        for (int e = 0; e < 4; e++) {
          const int key = firstKey + octet * 8 + lane % 4 * 2 + e % 2;
          const int query = firstQuery + e / 2 * 8;
          const bool hidden = key >= tokens || (reach && (key > query || key <= query - reach));
          if (hidden) score[octet][e] = -INFINITY;
        }
      }
    }

    float scaledMaximum[2];
#pragma unroll
    for (int half = 0; half < 2; half++) {
      float most = maximum[half];
#pragma unroll
      for (int octet = 0; octet < KEY_OCTETS; octet++) {
        most = fmaxf(most, fmaxf(score[octet][2 * half], score[octet][2 * half + 1]) * scaleLog2);
      }
      most = fmaxf(most, __shfl_xor_sync(~0u, most, 1));
      most = fmaxf(most, __shfl_xor_sync(~0u, most, 2));
      const float shrink = exp2f(maximum[half] - most);
      maximum[half] = most;
      scaledMaximum[half] = most;
      sum[half] *= shrink;
#pragma unroll
      for (int octet = 0; octet < HEAD_OCTETS; octet++) {
        output[octet][2 * half] *= shrink;
        output[octet][2 * half + 1] *= shrink;
      }
    }
#pragma unroll
    for (int octet = 0; octet < KEY_OCTETS; octet++) {
#pragma unroll
      for (int e = 0; e < 4; e++) {
        score[octet][e] = exp2f(fmaf(score[octet][e], scaleLog2, -scaledMaximum[e / 2]));
        sum[e / 2] += score[octet][e];
      }
    }

#pragma unroll
    for (int depth = 0; depth < STEP / 16; depth++) {
      const uint32_t weight[4] = {
          packed(score[2 * depth][0], score[2 * depth][1]), packed(score[2 * depth][2], score[2 * depth][3]),
          packed(score[2 * depth + 1][0], score[2 * depth + 1][1]),
          packed(score[2 * depth + 1][2], score[2 * depth + 1][3])};
#pragma unroll
      for (int pair = 0; pair < HEAD_OCTETS / 2; pair++) {
        uint32_t value[4];
        loadTransposed(value, values + permuted(depth * 16 + lane % 16, pair * 2 + lane / 16));
        multiply(output[2 * pair], weight, value[0], value[1]);
        multiply(output[2 * pair + 1], weight, value[2], value[3]);
      }
    }
    __syncthreads();
  }
  asm volatile("cp.async.wait_group 0;");

#pragma unroll
  for (int half = 0; half < 2; half++) {
    sum[half] += __shfl_xor_sync(~0u, sum[half], 1);
    sum[half] += __shfl_xor_sync(~0u, sum[half], 2);
    const int token = firstQuery + half * 8;
    if (token >= tokens) continue;
    const float inverse = sum[half] > 0 ? 1 / sum[half] : 0;
    __nv_bfloat16* const to = o + (queryRow0 + token) * HEAD_DIM + lane % 4 * 2;
#pragma unroll
    for (int octet = 0; octet < HEAD_OCTETS; octet++) {
      *reinterpret_cast<uint32_t*>(to + octet * 8) =
          packed(output[octet][2 * half] * inverse, output[octet][2 * half + 1] * inverse);
    }
    if (lane % 4 == 0) {
      logSumExp[queryRow0 + token] =
          sum[half] > 0 ? (maximum[half] + log2f(sum[half])) * 0.69314718056f : -INFINITY;
    }
  }
}
