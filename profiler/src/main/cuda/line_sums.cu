// How much softmax weight the last queries of a prompt put on each column and on each diagonal of a head: what
// vertical-slash rules pick by (MInference, arXiv 2407.02490, §3.2).
//
// Three launches, none of which keeps weights: line_maxima takes, of each block of keys alone, every query's largest score
// and its sum of exponentials; line_normalizers adds them up to the log-sum-exp of each query; line_sums computes the scores
// again, turns them into weights and sums these up. A diagonal runs through at most two blocks of keys that follow each
// other: each gives its share, and the shares are added up on the host. Products are mma.sync in bf16 with float sums.
//
// Shapes: q [heads][tokens][HEAD_DIM], k [kvHeads][tokens][HEAD_DIM], bf16. maxSum [heads][blocks][ROWS]: the largest
// score in log2, and the sum; the sum is 0 where a query sees no key of the block. logSumExp [heads][ROWS], in log2.
// columns [heads][blocks][TILE], float. diagonals [heads][blocks][ROWS + TILE]: entry n is of the distance
// (first query − first key of the block − TILE + 1) + n; the last entry is 0.
// reach: a query sees so many keys, its own the last of them.
// Grid of the first and the third: block of keys fastest, then head.
#define TILE 64  // keys of a thread block, whatever tiles are
#include "head_rows.cuh"

constexpr int ROWS = 64;                 // queries at the end of the prompt
constexpr int OCTETS = TILE / 8;
constexpr int WEIGHTS_STRIDE = TILE + 1;
constexpr float LEAST = -1e30f;
static_assert(WARPS * 16 == ROWS, "a warp has sixteen rows");

struct Place {
  int head;
  int kvHead;
  int firstQuery;
  int firstKey;
  int row;  // of a lane's first row; the other is eight rows on
  int key;  // of a lane's first key
};

__device__ __forceinline__ Place placeOf(int tokens, int heads, int kvHeads) {
  const int warp = threadIdx.x / 32;
  const int lane = threadIdx.x % 32;
  const int head = blockIdx.y;
  return {head, head / (heads / kvHeads), max(0, tokens - ROWS), (int)blockIdx.x * TILE,
          warp * 16 + lane / 4, lane % 4 * 2};
}

// Scores in log2 of a warp's 16 rows and 64 keys; LEAST where a query does not see the key.
__device__ __forceinline__ void score(
    float (&sum)[OCTETS][4], uint4* shared, const __nv_bfloat16* q, const __nv_bfloat16* k, const Place& place,
    int tokens, int reach, float scaleLog2) {
  uint4* const queries = shared;
  uint4* const keys = queries + ROWS * PIECES;
  copyRows<ROWS>(queries, q + (size_t)place.head * tokens * HEAD_DIM, place.firstQuery, tokens);
  copyRows<TILE>(keys, k + (size_t)place.kvHead * tokens * HEAD_DIM, place.firstKey, tokens);
  asm volatile("cp.async.commit_group;");
  asm volatile("cp.async.wait_group 0;");
  __syncthreads();
  const int warp = threadIdx.x / 32;
  const int lane = threadIdx.x % 32;
#pragma unroll 1
  for (int depth = 0; depth < DEPTHS; depth++) {
    uint32_t left[4];
    loadMatrices(left, queries + permuted(warp * 16 + lane % 16, depth * 2 + lane / 16));
#pragma unroll
    for (int pair = 0; pair < OCTETS / 2; pair++) {
      uint32_t right[4];
      loadMatrices(
          right, keys + permuted(pair * 16 + lane % 8 + lane / 16 * 8, depth * 2 + lane / 8 % 2));
      multiply(sum[2 * pair], left, right[0], right[1]);
      multiply(sum[2 * pair + 1], left, right[2], right[3]);
    }
  }
#pragma unroll
  for (int octet = 0; octet < OCTETS; octet++) {
#pragma unroll
    for (int at = 0; at < 4; at++) {
      const int query = place.firstQuery + place.row + at / 2 * 8;
      const int key = place.firstKey + place.key + octet * 8 + at % 2;
      const bool seen = query < tokens && key <= query && query - key < reach;
      sum[octet][at] = seen ? sum[octet][at] * scaleLog2 : LEAST;
    }
  }
}

extern "C" __global__ void __launch_bounds__(THREADS) line_maxima(
    const __nv_bfloat16* __restrict__ q,
    const __nv_bfloat16* __restrict__ k,
    float2* __restrict__ maxSum,
    int tokens,
    int heads,
    int kvHeads,
    int reach,
    float scaleLog2) {
  extern __shared__ uint4 shared[];
  const Place place = placeOf(tokens, heads, kvHeads);
  float scores[OCTETS][4] = {};
  score(scores, shared, q, k, place, tokens, reach, scaleLog2);
#pragma unroll
  for (int half = 0; half < 2; half++) {
    float most = LEAST;
#pragma unroll
    for (int octet = 0; octet < OCTETS; octet++) {
      most = fmaxf(most, fmaxf(scores[octet][2 * half], scores[octet][2 * half + 1]));
    }
    for (int other = 2; other > 0; other /= 2) most = fmaxf(most, __shfl_xor_sync(~0u, most, other));
    float total = 0;
    if (most > LEAST) {
#pragma unroll
      for (int octet = 0; octet < OCTETS; octet++) {
        total += exp2f(scores[octet][2 * half] - most) + exp2f(scores[octet][2 * half + 1] - most);
      }
    }
    for (int other = 2; other > 0; other /= 2) total += __shfl_xor_sync(~0u, total, other);
    if (threadIdx.x % 4 == 0) {
      maxSum[((size_t)place.head * gridDim.x + blockIdx.x) * ROWS + place.row + half * 8] = make_float2(most, total);
    }
  }
}

// Grid: one thread block of ROWS threads a head.
extern "C" __global__ void __launch_bounds__(ROWS) line_normalizers(
    const float2* __restrict__ maxSum, float* __restrict__ logSumExp, int blocks) {
  const float2* const ofHead = maxSum + (size_t)blockIdx.x * blocks * ROWS + threadIdx.x;
  float most = LEAST;
  for (int block = 0; block < blocks; block++) most = fmaxf(most, ofHead[(size_t)block * ROWS].x);
  float total = 0;
  for (int block = 0; block < blocks; block++) {
    const float2 ofBlock = ofHead[(size_t)block * ROWS];
    total += ofBlock.y * exp2f(ofBlock.x - most);
  }
  logSumExp[blockIdx.x * ROWS + threadIdx.x] = total > 0 ? most + log2f(total) : 0;
}

extern "C" __global__ void __launch_bounds__(THREADS) line_sums(
    const __nv_bfloat16* __restrict__ q,
    const __nv_bfloat16* __restrict__ k,
    const float* __restrict__ logSumExp,
    float* __restrict__ columns,
    float* __restrict__ diagonals,
    int tokens,
    int heads,
    int kvHeads,
    int reach,
    float scaleLog2) {
  extern __shared__ uint4 shared[];
  const Place place = placeOf(tokens, heads, kvHeads);
  float scores[OCTETS][4] = {};
  score(scores, shared, q, k, place, tokens, reach, scaleLog2);
  __syncthreads();  // the weights take the place of queries and keys

  float* const weights = reinterpret_cast<float*>(shared);
#pragma unroll
  for (int half = 0; half < 2; half++) {
    const int row = place.row + half * 8;
    const float normalizer = logSumExp[place.head * ROWS + row];
#pragma unroll
    for (int octet = 0; octet < OCTETS; octet++) {
#pragma unroll
      for (int side = 0; side < 2; side++) {
        const float value = scores[octet][2 * half + side];
        weights[row * WEIGHTS_STRIDE + place.key + octet * 8 + side] = value > LEAST ? exp2f(value - normalizer) : 0;
      }
    }
  }
  __syncthreads();

  const size_t block = (size_t)place.head * gridDim.x + blockIdx.x;
  for (int column = threadIdx.x; column < TILE; column += THREADS) {
    float total = 0;
    for (int row = 0; row < ROWS; row++) total += weights[row * WEIGHTS_STRIDE + column];
    columns[block * TILE + column] = total;
  }
  for (int nth = threadIdx.x; nth < ROWS + TILE; nth += THREADS) {
    float total = 0;
    for (int row = max(0, nth - TILE + 1); row < min(ROWS, nth + 1); row++) {
      total += weights[row * WEIGHTS_STRIDE + row - nth + TILE - 1];
    }
    diagonals[block * (ROWS + TILE) + nth] = total;
  }
}
