// Rounds rows to bf16, for a matrix product to read.
//
// Shapes: x [rows][stride], float, the first `width` of a row are real; y [rows][outStride], bf16, zeros from width on.
// Grid: one thread block a row.
#include <cuda_bf16.h>

constexpr int THREADS = 256;

extern "C" __global__ void __launch_bounds__(THREADS) round_rows(
    const float* __restrict__ x, __nv_bfloat16* __restrict__ y, int width, int stride, int outStride) {
  const float* const from = x + (size_t)blockIdx.x * stride;
  __nv_bfloat16* const to = y + (size_t)blockIdx.x * outStride;
  for (int i = threadIdx.x; i < outStride; i += THREADS) to[i] = __float2bfloat16(i < width ? from[i] : 0.f);
}
