// From the gradient of attention's output to those of its queries, keys and values, and what single weights do to the
// loss on the way: causal, every visible key.
//
// The idea is flash attention's backward pass (arXiv 2205.14135, algorithm 4): with G the gradient of the output O and
// D = sum of G · O of a row, weights A are computed again from the log-sum-exp, dA = G · Vᵀ and dS = A · (dA − D).
// attention_backward_queries goes through the keys of a query tile and sums dQ; attention_backward_keys goes through the
// queries of a key tile, of all query heads that read it, and sums dK and dV. So every sum has one order, and nothing is
// added to from two sides. Products are mma.sync on tensor cores in bf16 with float sums, STEP columns at a time; a warp
// owns 16 rows; rows lie in shared memory as in block_sparse_prefill.cu.
//
// MoA's influence of a weight (arXiv 2406.14909, section 4.1.1) is dS ÷ (1 − A), 0 ÷ 0 as A nears 1. Of a weight above a
// half, at most one in a row, both are taken from the others of the row: there dS sums to 0, and A to 1.
//
// Shapes: q and gradient [heads][tokens][HEAD_DIM], k and v [kvHeads][tokens][HEAD_DIM], bf16; logSumExp (natural) and
// rowDot [heads][tokens], float; queryGradient, keyGradient and valueGradient as q, k and v, but float.
// mass and influence [heads][queryTiles][queryTiles]: sums of A, and of |dS ÷ (1 − A)| of weights up to a half, over the
// visible pairs of tiles. entropyBits [heads][queryTiles]: sums of −A · log2(A). heavyTile [heads][tokens]: the key tile
// of the weight above a half, or −1; heavyInfluence likewise: its influence.
// reach: a query sees so many keys, its own the last of them.
// Grid: tile fastest, the ones with most work first; then the query head, or the KV head.
#include "head_rows.cuh"

constexpr int STEP = 32;                  // columns at a time
constexpr int OCTETS = STEP / 8;
constexpr float LOG2_E = 1.44269504089f;
constexpr float HEAVY = 0.5f;
static_assert(TILE % STEP == 0, "a step must not cross a tile");

// c += a · (rows of b)ᵀ for one step of the head's elements.
__device__ __forceinline__ void multiplyRows(
    float (&c)[OCTETS][4], const uint32_t (&a)[4], const uint4* b, int depth, int lane) {
#pragma unroll
  for (int pair = 0; pair < OCTETS / 2; pair++) {
    uint32_t rows[4];
    loadMatrices(rows, b + permuted(pair * 16 + lane % 8 + lane / 16 * 8, depth * 2 + lane / 8 % 2));
    multiply(c[2 * pair], a, rows[0], rows[1]);
    multiply(c[2 * pair + 1], a, rows[2], rows[3]);
  }
}

// c += a · b with the columns of a as they came out of multiplyRows.
__device__ __forceinline__ void multiplyColumns(
    float (&c)[HEAD_OCTETS][4], const float (&a)[OCTETS][4], const uint4* b, int lane) {
#pragma unroll
  for (int depth = 0; depth < STEP / 16; depth++) {
    const uint32_t left[4] = {
        packed(a[2 * depth][0], a[2 * depth][1]), packed(a[2 * depth][2], a[2 * depth][3]),
        packed(a[2 * depth + 1][0], a[2 * depth + 1][1]), packed(a[2 * depth + 1][2], a[2 * depth + 1][3])};
#pragma unroll
    for (int pair = 0; pair < HEAD_OCTETS / 2; pair++) {
      uint32_t right[4];
      loadTransposed(right, b + permuted(depth * 16 + lane % 16, pair * 2 + lane / 16));
      multiply(c[2 * pair], left, right[0], right[1]);
      multiply(c[2 * pair + 1], left, right[2], right[3]);
    }
  }
}

__device__ __forceinline__ float sumOfWarp(float value) {
  for (int other = 16; other > 0; other /= 2) value += __shfl_xor_sync(~0u, value, other);
  return value;
}

extern "C" __global__ void __launch_bounds__(THREADS) attention_backward_queries(
    const __nv_bfloat16* __restrict__ q,
    const __nv_bfloat16* __restrict__ k,
    const __nv_bfloat16* __restrict__ v,
    const __nv_bfloat16* __restrict__ gradient,
    const float* __restrict__ logSumExp,
    const float* __restrict__ rowDot,
    float* __restrict__ queryGradient,
    float* __restrict__ mass,
    float* __restrict__ influence,
    float* __restrict__ entropyBits,
    int* __restrict__ heavyTile,
    float* __restrict__ heavyInfluence,
    int tokens,
    int kvHeads,
    int reach,
    float scaleLog2,
    float queryScale) {
  extern __shared__ uint4 shared[];
  __shared__ float ofWarp[3][WARPS];
  uint4* const queries = shared;                       // and the gradients
  uint4* const stages = shared + 2 * TILE * PIECES;    // [2 stages][keys, values][STEP][PIECES]

  const int queryTiles = gridDim.x;
  const int queryTile = queryTiles - 1 - blockIdx.x;
  const int head = blockIdx.y;
  const int heads = gridDim.y;
  const int warp = threadIdx.x / 32;
  const int lane = threadIdx.x % 32;
  const size_t row0 = (size_t)head * tokens;
  const size_t keyRow0 = (size_t)(head / (heads / kvHeads)) * tokens;
  const size_t pair0 = ((size_t)head * queryTiles + queryTile) * queryTiles;

  const int firstTile = max(0, queryTile * TILE - reach + 1) / TILE;
  const int firstStep = firstTile * (TILE / STEP);
  const int endStep = (min(tokens, (queryTile + 1) * TILE) + STEP - 1) / STEP;
  auto fetch = [&](int step) {
    uint4* const stage = stages + (step & 1) * 2 * STEP * PIECES;
    copyRows<STEP>(stage, k + keyRow0 * HEAD_DIM, step * STEP, tokens);
    copyRows<STEP>(stage + STEP * PIECES, v + keyRow0 * HEAD_DIM, step * STEP, tokens);
    asm volatile("cp.async.commit_group;");
  };

  copyRows<TILE>(queries, q + row0 * HEAD_DIM, queryTile * TILE, tokens);
  copyRows<TILE>(queries + TILE * PIECES, gradient + row0 * HEAD_DIM, queryTile * TILE, tokens);
  asm volatile("cp.async.commit_group;");
  fetch(firstStep);

  const int firstQuery = queryTile * TILE + warp * 16 + lane / 4;
  float sumLog2[2];
  float dot[2];
#pragma unroll
  for (int half = 0; half < 2; half++) {
    const bool real = firstQuery + half * 8 < tokens;
    sumLog2[half] = real ? logSumExp[row0 + firstQuery + half * 8] * LOG2_E : 0;
    dot[half] = real ? rowDot[row0 + firstQuery + half * 8] : 0;
  }
  uint32_t query[DEPTHS][4];
  uint32_t outputGradient[DEPTHS][4];
  float sum[HEAD_OCTETS][4] = {};
  float massOfTile = 0;
  float influenceOfTile = 0;
  float entropy = 0;
  float lightMass[2] = {0, 0};
  float lightChange[2] = {0, 0};
  int heavy[2] = {-1, -1};
  for (int step = firstStep; step < endStep; step++) {
    if (step + 1 < endStep) {
      fetch(step + 1);
      asm volatile("cp.async.wait_group 1;");
    } else {
      asm volatile("cp.async.wait_group 0;");
    }
    __syncthreads();
    if (step == firstStep) {
#pragma unroll
      for (int depth = 0; depth < DEPTHS; depth++) {
        const int at = permuted(warp * 16 + lane % 16, depth * 2 + lane / 16);
        loadMatrices(query[depth], queries + at);
        loadMatrices(outputGradient[depth], queries + TILE * PIECES + at);
      }
    }
    const uint4* const keys = stages + (step & 1) * 2 * STEP * PIECES;
    const uint4* const values = keys + STEP * PIECES;
    float score[OCTETS][4] = {};
    float change[OCTETS][4] = {};
#pragma unroll
    for (int depth = 0; depth < DEPTHS; depth++) {
      multiplyRows(score, query[depth], keys, depth, lane);
      multiplyRows(change, outputGradient[depth], values, depth, lane);
    }
    const int keyTile = step / (TILE / STEP);
#pragma unroll
    for (int octet = 0; octet < OCTETS; octet++) {
#pragma unroll
      for (int e = 0; e < 4; e++) {
        const int row = e / 2;
        const int key = step * STEP + octet * 8 + lane % 4 * 2 + e % 2;
        const int token = firstQuery + row * 8;
        const bool visible = token < tokens && key <= token && key > token - reach;
        const float exponent = visible ? fmaf(score[octet][e], scaleLog2, -sumLog2[row]) : 0;
        const float weight = visible ? exp2f(exponent) : 0;
        const float ofScore = weight * (change[octet][e] - dot[row]);
        change[octet][e] = ofScore;
        massOfTile += weight;
        entropy = fmaf(-weight, exponent, entropy);
        if (weight > HEAVY) {
          heavy[row] = keyTile;
        } else {
          lightMass[row] += weight;
          lightChange[row] += ofScore;
          influenceOfTile += fabsf(ofScore / (1 - weight));
        }
      }
    }
    multiplyColumns(sum, change, keys, lane);
    const bool endsTile = (step + 1) % (TILE / STEP) == 0 || step + 1 == endStep;
    if (endsTile) {
      massOfTile = sumOfWarp(massOfTile);
      influenceOfTile = sumOfWarp(influenceOfTile);
      if (lane == 0) {
        ofWarp[0][warp] = massOfTile;
        ofWarp[1][warp] = influenceOfTile;
      }
      massOfTile = 0;
      influenceOfTile = 0;
    }
    __syncthreads();
    if (endsTile && threadIdx.x < 2) {
      float all = 0;
      for (int of = 0; of < WARPS; of++) all += ofWarp[threadIdx.x][of];
      (threadIdx.x == 0 ? mass : influence)[pair0 + keyTile] = all;
    }
  }

  entropy = sumOfWarp(entropy);
  if (lane == 0) ofWarp[2][warp] = entropy;
#pragma unroll
  for (int half = 0; half < 2; half++) {
    for (int other = 1; other < 4; other *= 2) {
      lightMass[half] += __shfl_xor_sync(~0u, lightMass[half], other);
      lightChange[half] += __shfl_xor_sync(~0u, lightChange[half], other);
      heavy[half] = max(heavy[half], __shfl_xor_sync(~0u, heavy[half], other));
    }
    const int token = firstQuery + half * 8;
    if (token >= tokens) continue;
    float* const to = queryGradient + (row0 + token) * HEAD_DIM + lane % 4 * 2;
#pragma unroll
    for (int octet = 0; octet < HEAD_OCTETS; octet++) {
      *reinterpret_cast<float2*>(to + octet * 8) =
          make_float2(sum[octet][2 * half] * queryScale, sum[octet][2 * half + 1] * queryScale);
    }
    if (lane % 4 == 0) {
      heavyTile[row0 + token] = heavy[half];
      heavyInfluence[row0 + token] =
          heavy[half] >= 0 && lightMass[half] > 0 ? fabsf(lightChange[half] / lightMass[half]) : 0;
    }
  }
  __syncthreads();
  if (threadIdx.x == 0) {
    float all = 0;
    for (int of = 0; of < WARPS; of++) all += ofWarp[2][of];
    entropyBits[(size_t)head * queryTiles + queryTile] = all;
  }
}

extern "C" __global__ void __launch_bounds__(THREADS) attention_backward_keys(
    const __nv_bfloat16* __restrict__ q,
    const __nv_bfloat16* __restrict__ k,
    const __nv_bfloat16* __restrict__ v,
    const __nv_bfloat16* __restrict__ gradient,
    const float* __restrict__ logSumExp,
    const float* __restrict__ rowDot,
    float* __restrict__ keyGradient,
    float* __restrict__ valueGradient,
    int tokens,
    int group,
    int reach,
    float scaleLog2,
    float keyScale) {
  extern __shared__ uint4 shared[];
  __shared__ float ofQuery[2][2][STEP];                // [2 stages][log-sum-exp in log2, row dot]
  uint4* const keys = shared;                          // and the values
  uint4* const stages = shared + 2 * TILE * PIECES;    // [2 stages][queries, gradients][STEP][PIECES]

  const int keyTile = blockIdx.x;
  const int kvHead = blockIdx.y;
  const int warp = threadIdx.x / 32;
  const int lane = threadIdx.x % 32;
  const size_t keyRow0 = (size_t)kvHead * tokens;

  const int firstStep = keyTile * (TILE / STEP);
  const int lastKey = min(tokens, (keyTile + 1) * TILE) - 1;
  const int endQuery = reach < tokens - lastKey ? lastKey + reach : tokens;
  const int stepsOfHead = (endQuery + STEP - 1) / STEP - firstStep;
  const int steps = group * stepsOfHead;
  auto fetch = [&](int step) {
    uint4* const stage = stages + (step & 1) * 2 * STEP * PIECES;
    const size_t row0 = (size_t)(kvHead * group + step / stepsOfHead) * tokens;
    const int first = (firstStep + step % stepsOfHead) * STEP;
    copyRows<STEP>(stage, q + row0 * HEAD_DIM, first, tokens);
    copyRows<STEP>(stage + STEP * PIECES, gradient + row0 * HEAD_DIM, first, tokens);
    asm volatile("cp.async.commit_group;");
    if (threadIdx.x < STEP) {
      const int token = first + threadIdx.x;
      ofQuery[step & 1][0][threadIdx.x] = token < tokens ? logSumExp[row0 + token] * LOG2_E : 0;
      ofQuery[step & 1][1][threadIdx.x] = token < tokens ? rowDot[row0 + token] : 0;
    }
  };

  copyRows<TILE>(keys, k + keyRow0 * HEAD_DIM, keyTile * TILE, tokens);
  copyRows<TILE>(keys + TILE * PIECES, v + keyRow0 * HEAD_DIM, keyTile * TILE, tokens);
  asm volatile("cp.async.commit_group;");
  fetch(0);

  const int firstKey = keyTile * TILE + warp * 16 + lane / 4;
  float keySum[HEAD_OCTETS][4] = {};
  float valueSum[HEAD_OCTETS][4] = {};
  for (int step = 0; step < steps; step++) {
    if (step + 1 < steps) {
      fetch(step + 1);
      asm volatile("cp.async.wait_group 1;");
    } else {
      asm volatile("cp.async.wait_group 0;");
    }
    __syncthreads();
    const uint4* const queries = stages + (step & 1) * 2 * STEP * PIECES;
    const uint4* const gradients = queries + STEP * PIECES;
    float weight[OCTETS][4] = {};
    float change[OCTETS][4] = {};
#pragma unroll
    for (int depth = 0; depth < DEPTHS; depth++) {
      const int at = permuted(warp * 16 + lane % 16, depth * 2 + lane / 16);
      uint32_t rows[4];
      loadMatrices(rows, keys + at);
      multiplyRows(weight, rows, queries, depth, lane);
      loadMatrices(rows, keys + TILE * PIECES + at);
      multiplyRows(change, rows, gradients, depth, lane);
    }
    const int first = (firstStep + step % stepsOfHead) * STEP;
#pragma unroll
    for (int octet = 0; octet < OCTETS; octet++) {
#pragma unroll
      for (int e = 0; e < 4; e++) {
        const int column = octet * 8 + lane % 4 * 2 + e % 2;
        const int token = first + column;
        const int key = firstKey + e / 2 * 8;
        const bool visible = token < tokens && key <= token && key > token - reach;
        const float exponent = fmaf(weight[octet][e], scaleLog2, -ofQuery[step & 1][0][column]);
        weight[octet][e] = visible ? exp2f(exponent) : 0;
        change[octet][e] = weight[octet][e] * (change[octet][e] - ofQuery[step & 1][1][column]);
      }
    }
    multiplyColumns(valueSum, weight, gradients, lane);
    multiplyColumns(keySum, change, queries, lane);
    __syncthreads();
  }

#pragma unroll
  for (int half = 0; half < 2; half++) {
    const int token = firstKey + half * 8;
    if (token >= tokens) continue;
    const size_t at = (keyRow0 + token) * HEAD_DIM + lane % 4 * 2;
#pragma unroll
    for (int octet = 0; octet < HEAD_OCTETS; octet++) {
      *reinterpret_cast<float2*>(keyGradient + at + octet * 8) =
          make_float2(keySum[octet][2 * half] * keyScale, keySum[octet][2 * half + 1] * keyScale);
      *reinterpret_cast<float2*>(valueGradient + at + octet * 8) =
          make_float2(valueSum[octet][2 * half], valueSum[octet][2 * half + 1]);
    }
  }
}
