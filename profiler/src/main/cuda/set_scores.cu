// Scores any sets of key tiles against dense causal attention, query by query.
//
// The idea: the softmax over each key tile alone is kept as a maximum, a sum and a weighted sum of values (flash
// attention's partial results), by set_scores_partials. The attention over any set of tiles is the re-normalised sum of
// theirs. set_scores_compare adds tiles up along chains of sets, each of which holds the one before, so that a window
// costs no more than what it has beyond the next smaller one. Each sum is relative to the largest maximum so far, so that
// a set that keeps next to no weight is as exact as one that keeps all. What a set is compared with is the sum over all
// visible tiles, whose products were rounded as the set's own were: their difference does not see that rounding.
//
// A unit is a query tile of a head: units go through the heads of the last query tile, then of the one before. A launch
// takes some units one after the other.
//
// Shapes: q and gradient [heads][tokens][HEAD_DIM], k and v [kvHeads][tokens][HEAD_DIM], bf16.
// partialValues [units][queryTiles][TILE][HEAD_DIM], float, of unnormalised sums; partialMaxSum [units][queryTiles][TILE]:
// the largest score in log2, and the sum; the sum is 0 where a query sees no key of the tile.
// stepsOfUnit [units]: first entry in steps, entries. steps: a key tile to add; EMPTY, the empty set; or TAKE − n, the
// sums are those of set n. scoresOfUnit [units]: where in scores the unit's first set is, in sets.
// scores [sets][TILE], 3 floats each: the share of the weight that is kept, |O_c − O|², G · (O_c − O); squaredNorm
// [units][TILE]: |O|². Entries of queries past the last token are not written.
// reach: a query sees so many keys, its own the last of them.
#include "head_rows.cuh"

constexpr int KEY_OCTETS = TILE / 8;
constexpr int ROWS_OF_BLOCK = 8;          // of set_scores_compare, a warp each
constexpr int ELEMENTS = HEAD_DIM / 32;   // of a row in one lane
constexpr int EMPTY = -1;
constexpr int TAKE = -2;
constexpr float LEAST = -1e30f;

struct Unit {
  int head;
  int queryTile;
};

__device__ __forceinline__ Unit unitAt(int unit, int heads, int queryTiles) {
  return {unit % heads, queryTiles - 1 - unit / heads};
}

// Grid: key tile fastest, then unit.
extern "C" __global__ void __launch_bounds__(THREADS) set_scores_partials(
    const __nv_bfloat16* __restrict__ q,
    const __nv_bfloat16* __restrict__ k,
    const __nv_bfloat16* __restrict__ v,
    float* __restrict__ partialValues,
    float2* __restrict__ partialMaxSum,
    int firstUnit,
    int tokens,
    int heads,
    int kvHeads,
    int reach,
    float scaleLog2) {
  extern __shared__ uint4 shared[];
  uint4* const queries = shared;
  uint4* const keys = queries + TILE * PIECES;
  uint4* const values = keys + TILE * PIECES;

  const int queryTiles = gridDim.x;
  const int keyTile = blockIdx.x;
  const Unit unit = unitAt(firstUnit + blockIdx.y, heads, queryTiles);
  if (keyTile > unit.queryTile) return;
  const int warp = threadIdx.x / 32;
  const int lane = threadIdx.x % 32;
  const size_t keyRow0 = (size_t)(unit.head / (heads / kvHeads)) * tokens;

  copyRows<TILE>(queries, q + (size_t)unit.head * tokens * HEAD_DIM, unit.queryTile * TILE, tokens);
  copyRows<TILE>(keys, k + keyRow0 * HEAD_DIM, keyTile * TILE, tokens);
  copyRows<TILE>(values, v + keyRow0 * HEAD_DIM, keyTile * TILE, tokens);
  asm volatile("cp.async.commit_group;");
  asm volatile("cp.async.wait_group 0;");
  __syncthreads();

  float score[KEY_OCTETS][4] = {};
#pragma unroll
  for (int depth = 0; depth < DEPTHS; depth++) {
    uint32_t query[4];
    loadMatrices(query, queries + permuted(warp * 16 + lane % 16, depth * 2 + lane / 16));
#pragma unroll
    for (int pair = 0; pair < KEY_OCTETS / 2; pair++) {
      uint32_t key[4];
      loadMatrices(key, keys + permuted(pair * 16 + lane % 8 + lane / 16 * 8, depth * 2 + lane / 8 % 2));
      multiply(score[2 * pair], query, key[0], key[1]);
      multiply(score[2 * pair + 1], query, key[2], key[3]);
    }
  }
  const int firstQuery = unit.queryTile * TILE + warp * 16 + lane / 4;
  float maximum[2] = {LEAST, LEAST};
  float sum[2] = {0, 0};
#pragma unroll
  for (int octet = 0; octet < KEY_OCTETS; octet++) {
#pragma unroll
    for (int e = 0; e < 4; e++) {
      const int key = keyTile * TILE + octet * 8 + lane % 4 * 2 + e % 2;
      const int token = firstQuery + e / 2 * 8;
      const bool visible = key < tokens && key <= token && key > token - reach;
      score[octet][e] = visible ? score[octet][e] * scaleLog2 : -INFINITY;
      maximum[e / 2] = fmaxf(maximum[e / 2], score[octet][e]);
    }
  }
#pragma unroll
  for (int half = 0; half < 2; half++) {
    for (int other = 1; other < 4; other *= 2) {
      maximum[half] = fmaxf(maximum[half], __shfl_xor_sync(~0u, maximum[half], other));
    }
  }
#pragma unroll
  for (int octet = 0; octet < KEY_OCTETS; octet++) {
#pragma unroll
    for (int e = 0; e < 4; e++) {
      score[octet][e] = exp2f(score[octet][e] - maximum[e / 2]);
      sum[e / 2] += score[octet][e];
    }
  }
  float output[HEAD_OCTETS][4] = {};
#pragma unroll
  for (int depth = 0; depth < TILE / 16; depth++) {
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
#pragma unroll
  for (int half = 0; half < 2; half++) {
    for (int other = 1; other < 4; other *= 2) sum[half] += __shfl_xor_sync(~0u, sum[half], other);
    const int row = warp * 16 + lane / 4 + half * 8;
    const size_t at = ((size_t)blockIdx.y * queryTiles + keyTile) * TILE + row;
    float* const to = partialValues + at * HEAD_DIM + lane % 4 * 2;
#pragma unroll
    for (int octet = 0; octet < HEAD_OCTETS; octet++) {
      *reinterpret_cast<float2*>(to + octet * 8) = make_float2(output[octet][2 * half], output[octet][2 * half + 1]);
    }
    if (lane % 4 == 0) partialMaxSum[at] = make_float2(maximum[half], sum[half]);
  }
}

__device__ __forceinline__ float sumOfWarp(float value) {
  for (int other = 16; other > 0; other /= 2) value += __shfl_xor_sync(~0u, value, other);
  return value;
}

// Grid: rows of a query tile fastest, ROWS_OF_BLOCK a block, then unit.
extern "C" __global__ void __launch_bounds__(ROWS_OF_BLOCK * 32) set_scores_compare(
    const float* __restrict__ partialValues,
    const float2* __restrict__ partialMaxSum,
    const __nv_bfloat16* __restrict__ gradient,
    const int2* __restrict__ stepsOfUnit,
    const int* __restrict__ steps,
    const int* __restrict__ scoresOfUnit,
    float* __restrict__ scores,
    float* __restrict__ squaredNorm,
    int firstUnit,
    int tokens,
    int heads,
    int queryTiles) {
  const Unit unit = unitAt(firstUnit + blockIdx.y, heads, queryTiles);
  const int lane = threadIdx.x % 32;
  const int row = blockIdx.x * ROWS_OF_BLOCK + threadIdx.x / 32;
  const int token = unit.queryTile * TILE + row;
  if (token >= tokens) return;
  const size_t row0 = (size_t)blockIdx.y * queryTiles * TILE + row;
  const float2* const maxSum = partialMaxSum + row0;
  const float* const values = partialValues + row0 * HEAD_DIM + lane * ELEMENTS;
  const int visible = unit.queryTile + 1;

  float most = LEAST;
  for (int tile = lane; tile < visible; tile += 32) most = fmaxf(most, maxSum[(size_t)tile * TILE].x);
  for (int other = 16; other > 0; other /= 2) most = fmaxf(most, __shfl_xor_sync(~0u, most, other));
  float all = 0;
  for (int tile = lane; tile < visible; tile += 32) {
    const float2 of = maxSum[(size_t)tile * TILE];
    all = fmaf(of.y, exp2f(of.x - most), all);
  }
  const float inverseAll = 1 / sumOfWarp(all);

  float dense[ELEMENTS] = {};
  float norm = 0;
  for (int tile = 0; tile < visible; tile++) {
    const float weight = exp2f(maxSum[(size_t)tile * TILE].x - most) * inverseAll;
#pragma unroll
    for (int e = 0; e < ELEMENTS; e++) {
      dense[e] = fmaf(values[(size_t)tile * TILE * HEAD_DIM + e], weight, dense[e]);
    }
  }
  float ofOutput[ELEMENTS];
#pragma unroll
  for (int e = 0; e < ELEMENTS; e++) {
    ofOutput[e] =
        __bfloat162float(gradient[((size_t)unit.head * tokens + token) * HEAD_DIM + lane * ELEMENTS + e]);
    norm = fmaf(dense[e], dense[e], norm);
  }
  norm = sumOfWarp(norm);
  if (lane == 0) squaredNorm[(size_t)blockIdx.y * TILE + row] = norm;

  const int2 program = stepsOfUnit[blockIdx.y];
  float* const to = scores + ((size_t)scoresOfUnit[blockIdx.y] * TILE + row) * 3;
  float output[ELEMENTS] = {};
  float largest = LEAST;
  float sum = 0;
  for (int at = program.x; at < program.x + program.y; at++) {
    const int step = steps[at];
    if (step >= 0) {
      const float2 of = maxSum[(size_t)step * TILE];
      const float newest = fmaxf(largest, of.x);
      const float shrink = exp2f(largest - newest);
      const float weight = exp2f(of.x - newest);
      largest = newest;
      sum = fmaf(sum, shrink, of.y * weight);
#pragma unroll
      for (int e = 0; e < ELEMENTS; e++) {
        output[e] = fmaf(values[(size_t)step * TILE * HEAD_DIM + e], weight, output[e] * shrink);
      }
    } else if (step == EMPTY) {
      largest = LEAST;
      sum = 0;
#pragma unroll
      for (int e = 0; e < ELEMENTS; e++) output[e] = 0;
    } else {
      const float inverse = sum > 0 ? 1 / sum : 0;
      float error = 0;
      float change = 0;
#pragma unroll
      for (int e = 0; e < ELEMENTS; e++) {
        const float difference = fmaf(output[e], inverse, -dense[e]);
        error = fmaf(difference, difference, error);
        change = fmaf(difference, ofOutput[e], change);
      }
      error = sumOfWarp(error);
      change = sumOfWarp(change);
      if (lane < 3) {
        const float kept = sum * exp2f(largest - most) * inverseAll;
        to[(size_t)(TAKE - step) * TILE * 3 + lane] = lane == 0 ? kept : lane == 1 ? error : change;
      }
    }
  }
}
