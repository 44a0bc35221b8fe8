// The transpose of a matrix of bf16, for products that take a gradient back through a linear layer.
//
// Shapes: from [rows][stride]; to [columns][outStride], zeros from rows to outStride on.
// Grid: blocks of SIDE columns fastest, then of SIDE rows, up to outStride.
#include <cuda_bf16.h>

constexpr int SIDE = 32;
constexpr int DOWN = 8;  // rows of threads

extern "C" __global__ void __launch_bounds__(SIDE * DOWN) transpose(
    const __nv_bfloat16* __restrict__ from,
    __nv_bfloat16* __restrict__ to,
    int rows,
    int columns,
    int stride,
    int outStride) {
  __shared__ __nv_bfloat16 tile[SIDE][SIDE + 1];
  const int x = threadIdx.x % SIDE;
  const int y = threadIdx.x / SIDE;
  const int firstRow = blockIdx.y * SIDE;
  const int firstColumn = blockIdx.x * SIDE;
  for (int r = y; r < SIDE; r += DOWN) {
    const bool real = firstRow + r < rows && firstColumn + x < columns;
    tile[r][x] = real ? from[(size_t)(firstRow + r) * stride + firstColumn + x] : __float2bfloat16(0.f);
  }
  __syncthreads();
  for (int c = y; c < SIDE; c += DOWN) {
    if (firstColumn + c < columns && firstRow + x < outStride) {
      to[(size_t)(firstColumn + c) * outStride + firstRow + x] = tile[x][c];
    }
  }
}
