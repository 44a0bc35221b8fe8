// y = x ÷ √(mean(x²) + ε) · weight (arXiv 1910.07467), row by row.
//
// Shapes: x [tokens][xStride], float, the first `width` of a row are real; weight [width], float; y [tokens][stride], zeros from width to stride on: bf16 from
// rms_norm, whose y a matrix product reads, and float from rms_norm_float.
// firstBad: lowered to the first token whose row is not finite.
// Grid: one thread block a token.
#include <cuda_bf16.h>

constexpr int THREADS = 256;

__device__ __forceinline__ float as(float value, float) { return value; }
__device__ __forceinline__ __nv_bfloat16 as(float value, __nv_bfloat16) { return __float2bfloat16(value); }

template <typename T>
__device__ __forceinline__ void normalize(
    const float* x, const float* weight, T* y, int* firstBad, int width, int xStride, int stride, float epsilon) {
  const int token = blockIdx.x;
  const float* const row = x + (size_t)token * xStride;
  float squares = 0;
  for (int i = threadIdx.x; i < width; i += THREADS) squares = fmaf(row[i], row[i], squares);
  for (int other = 16; other > 0; other /= 2) squares += __shfl_xor_sync(~0u, squares, other);
  __shared__ float ofWarp[THREADS / 32];
  if (threadIdx.x % 32 == 0) ofWarp[threadIdx.x / 32] = squares;
  __syncthreads();
  float sum = 0;
  for (int warp = 0; warp < THREADS / 32; warp++) sum += ofWarp[warp];
  if (threadIdx.x == 0 && !isfinite(sum)) atomicMin(firstBad, token);
  const float scale = 1 / sqrtf(sum / width + epsilon);
  T* const to = y + (size_t)token * stride;
  for (int i = threadIdx.x; i < stride; i += THREADS) to[i] = as(i < width ? row[i] * scale * weight[i] : 0.f, T());
}

extern "C" __global__ void __launch_bounds__(THREADS) rms_norm(
    const float* __restrict__ x,
    const float* __restrict__ weight,
    __nv_bfloat16* __restrict__ y,
    int* __restrict__ firstBad,
    int width,
    int xStride,
    int stride,
    float epsilon) {
  normalize(x, weight, y, firstBad, width, xStride, stride, epsilon);
}

extern "C" __global__ void __launch_bounds__(THREADS) rms_norm_float(
    const float* __restrict__ x,
    const float* __restrict__ weight,
    float* __restrict__ y,
    int* __restrict__ firstBad,
    int width,
    int xStride,
    int stride,
    float epsilon) {
  normalize(x, weight, y, firstBad, width, xStride, stride, epsilon);
}
