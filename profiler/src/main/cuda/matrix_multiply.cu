// c = a · bᵀ, or c += a · bᵀ: linear layers of a model, where b holds the weights as they are stored.
//
// Products are mma.sync on tensor cores in bf16 with float sums. A thread block computes ROWS × COLUMNS of c; each of its
// 8 warps 64 × 32. Both operands arrive by cp.async, DEPTH of their columns at a time, STAGES − 1 steps ahead; rows are
// stored with their 16-byte pieces permuted by the row number, so that ldmatrix meets no bank conflict.
//
// Shapes: a [rows][depth] and b [columns][depth], bf16, depth a multiple of 8; c [rows][stride], float, stride even and
// at least columns. bias [columns], or null.
// Grid: as many thread blocks as c has tiles. GROUP tiles below each other come first, then the next column of tiles:
// blocks that run together share rows of a and of b in the second-level cache.
#include "tensor_core.cuh"

constexpr int ROWS = 128;
constexpr int COLUMNS = 128;
constexpr int DEPTH = 64;
constexpr int STAGES = 3;
constexpr int THREADS = 256;
constexpr int GROUP = 8;
constexpr int PIECES = DEPTH / 8;             // 16-byte pieces of a row
constexpr int STAGE = (ROWS + COLUMNS) * PIECES;
constexpr int WARP_ROWS = 64;
constexpr int WARP_COLUMNS = 32;
constexpr int WARPS_ACROSS = COLUMNS / WARP_COLUMNS;
constexpr int ROW_BLOCKS = WARP_ROWS / 16;    // of an mma
constexpr int OCTETS = WARP_COLUMNS / 8;

__device__ __forceinline__ int permuted(int row, int piece) { return permutedOf<PIECES>(row, piece); }

// Copies 128 rows of one step; what is outside the matrix becomes zeros.
__device__ __forceinline__ void copyRows(
    uint4* to, const __nv_bfloat16* from, int firstRow, int rows, int firstColumn, int depth) {
#pragma unroll
  for (int at = threadIdx.x; at < ROWS * PIECES; at += THREADS) {
    const int row = at / PIECES;
    const int piece = at % PIECES;
    const bool real = firstRow + row < rows && firstColumn + piece * 8 < depth;
    const size_t offset = real ? (size_t)(firstRow + row) * depth + firstColumn + piece * 8 : 0;
    copyAsync(to + permuted(row, piece), from + offset, real);
  }
}
static_assert(ROWS == COLUMNS, "copyRows is for both");

extern "C" __global__ void __launch_bounds__(THREADS, 2) matrix_multiply(
    const __nv_bfloat16* __restrict__ a,
    const __nv_bfloat16* __restrict__ b,
    const float* __restrict__ bias,
    float* __restrict__ c,
    int rows,
    int columns,
    int depth,
    int stride,
    int accumulate) {
  extern __shared__ uint4 shared[];  // [STAGES][rows of a, rows of b][PIECES]

  const int tilesDown = (rows + ROWS - 1) / ROWS;
  const int tilesAcross = (columns + COLUMNS - 1) / COLUMNS;
  const int firstDown = blockIdx.x / (GROUP * tilesAcross) * GROUP;
  const int down = min(GROUP, tilesDown - firstDown);
  const int inGroup = blockIdx.x % (GROUP * tilesAcross);
  const int firstRow = (firstDown + inGroup % down) * ROWS;
  const int firstColumn = inGroup / down * COLUMNS;

  const int warp = threadIdx.x / 32;
  const int lane = threadIdx.x % 32;
  const int warpRow = warp / WARPS_ACROSS * WARP_ROWS;
  const int warpColumn = warp % WARPS_ACROSS * WARP_COLUMNS;
  const int steps = (depth + DEPTH - 1) / DEPTH;

  // Every step is one group of copies, an empty one after the last.
  auto fetch = [&](int step) {
    if (step < steps) {
      uint4* const stage = shared + step % STAGES * STAGE;
      copyRows(stage, a, firstRow, rows, step * DEPTH, depth);
      copyRows(stage + ROWS * PIECES, b, firstColumn, columns, step * DEPTH, depth);
    }
    asm volatile("cp.async.commit_group;");
  };

  for (int step = 0; step < STAGES - 1; step++) fetch(step);
  float sum[ROW_BLOCKS][OCTETS][4] = {};
  for (int step = 0; step < steps; step++) {
    asm volatile("cp.async.wait_group %0;" ::"n"(STAGES - 2));
    __syncthreads();
    fetch(step + STAGES - 1);
    const uint4* const aTile = shared + step % STAGES * STAGE;
    const uint4* const bTile = aTile + ROWS * PIECES;
#pragma unroll
    for (int part = 0; part < DEPTH / 16; part++) {
      uint32_t left[ROW_BLOCKS][4];
#pragma unroll
      for (int i = 0; i < ROW_BLOCKS; i++) {
        loadMatrices(left[i], aTile + permuted(warpRow + i * 16 + lane % 16, part * 2 + lane / 16));
      }
#pragma unroll
      for (int pair = 0; pair < OCTETS / 2; pair++) {
        uint32_t right[4];
        loadMatrices(
            right, bTile + permuted(warpColumn + pair * 16 + lane % 8 + lane / 16 * 8, part * 2 + lane / 8 % 2));
#pragma unroll
        for (int i = 0; i < ROW_BLOCKS; i++) {
          multiply(sum[i][2 * pair], left[i], right[0], right[1]);
          multiply(sum[i][2 * pair + 1], left[i], right[2], right[3]);
        }
      }
    }
  }
  asm volatile("cp.async.wait_group 0;");

#pragma unroll
  for (int i = 0; i < ROW_BLOCKS; i++) {
#pragma unroll
    for (int half = 0; half < 2; half++) {
      const int row = firstRow + warpRow + i * 16 + lane / 4 + half * 8;
      if (row >= rows) continue;
#pragma unroll
      for (int octet = 0; octet < OCTETS; octet++) {
        const int column = firstColumn + warpColumn + octet * 8 + lane % 4 * 2;
        if (column >= columns) continue;
        const bool both = column + 1 < columns;
        float2 value = make_float2(sum[i][octet][2 * half], sum[i][octet][2 * half + 1]);
        if (bias) {
          value.x += bias[column];
          if (both) value.y += bias[column + 1];
        }
        float* const to = c + (size_t)row * stride + column;
        if (both) {
          if (accumulate) {
            const float2 before = *reinterpret_cast<const float2*>(to);
            value.x += before.x;
            value.y += before.y;
          }
          *reinterpret_cast<float2*>(to) = value;
        } else {
          *to = accumulate ? *to + value.x : value.x;
        }
      }
    }
  }
}
