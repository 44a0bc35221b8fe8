// Rows of one head, tiled: what kernels of attention are compiled for, a warp for sixteen rows of a tile, and how rows
// come into shared memory.
#pragma once
#include "tensor_core.cuh"

#ifndef HEAD_DIM
#define HEAD_DIM 128
#endif
#ifndef TILE
#define TILE 128
#endif

constexpr int WARPS = TILE / 16;
constexpr int THREADS = WARPS * 32;
constexpr int PIECES = HEAD_DIM / 8;      // 16-byte pieces of a row
constexpr int DEPTHS = HEAD_DIM / 16;     // steps of an mma over the head
constexpr int HEAD_OCTETS = HEAD_DIM / 8;

__device__ __forceinline__ int permuted(int row, int piece) { return permutedOf<PIECES>(row, piece); }

// Copies rows from `firstToken` on; zeros where the prompt has ended.
template <int ROWS>
__device__ __forceinline__ void copyRows(uint4* to, const __nv_bfloat16* from, int firstToken, int tokens) {
#pragma unroll
  for (int at = threadIdx.x; at < ROWS * PIECES; at += THREADS) {
    const int row = at / PIECES;
    const int piece = at % PIECES;
    const bool real = firstToken + row < tokens;
    const size_t token = real ? firstToken + row : 0;
    copyAsync(to + permuted(row, piece), from + token * HEAD_DIM + piece * 8, real);
  }
}
