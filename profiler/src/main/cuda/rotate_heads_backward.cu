// From the gradients of rotated heads to those of projections, the way back of rotate_heads.cu: rotates them back, takes
// them through the norms of heads where the model has such (see rms_norm_backward.cu), puts the heads of a token side by
// side, and rounds to bf16 for a matrix product to read.
//
// Shapes: dq [heads][tokens][padded], dk and dv [kvHeads][tokens][padded], float, of values before they were multiplied
// by what q is multiplied by; projections [rows][stride], float, as rotate_heads.cu reads them; queryNorm and keyNorm
// [headDim], or null; cosines and sines [tokens][half]; y [rows][outStride], bf16, zeros after the values.
// Row r is token firstToken + r.
// Grid: one thread block a row; a warp does one head after another.
#include <cuda_bf16.h>

constexpr int WARPS = 8;
constexpr int MOST = 128;  // elements of a head

extern "C" __global__ void __launch_bounds__(WARPS * 32) rotate_heads_backward(
    const float* __restrict__ dq,
    const float* __restrict__ dk,
    const float* __restrict__ dv,
    const float* __restrict__ projections,
    const float* __restrict__ queryNorm,
    const float* __restrict__ keyNorm,
    const float* __restrict__ cosines,
    const float* __restrict__ sines,
    __nv_bfloat16* __restrict__ y,
    int stride,
    int outStride,
    int firstToken,
    int tokens,
    int heads,
    int kvHeads,
    int headDim,
    int padded,
    int half,
    float epsilon) {
  __shared__ float vectors[WARPS][MOST];
  const int warp = threadIdx.x / 32;
  const int lane = threadIdx.x % 32;
  const int token = firstToken + blockIdx.x;
  float* const vector = vectors[warp];
  const float* const cosine = cosines + (size_t)token * half;
  const float* const sine = sines + (size_t)token * half;
  __nv_bfloat16* const row = y + (size_t)blockIdx.x * outStride;
  for (int head = warp; head < heads + 2 * kvHeads; head += WARPS) {
    const bool isQuery = head < heads;
    const bool isValue = head >= heads + kvHeads;
    const float* const of = isQuery ? dq : isValue ? dv : dk;
    const int ofHead = isQuery ? head : isValue ? head - heads - kvHeads : head - heads;
    const float* const from = of + ((size_t)ofHead * tokens + token) * padded;
    for (int i = lane; i < headDim; i += 32) {
      float value = from[i];
      if (!isValue && i < half) value = from[i] * cosine[i] + from[half + i] * sine[i];
      if (!isValue && i >= half && i < 2 * half) value = from[i] * cosine[i - half] - from[i - half] * sine[i - half];
      vector[i] = value;
    }
    __syncwarp();
    const float* const norm = isValue ? nullptr : isQuery ? queryNorm : keyNorm;
    const float* const before = projections + (size_t)blockIdx.x * stride + head * headDim;
    float scale = 1;
    float along = 0;
    if (norm) {
      float squares = 0;
      float products = 0;
      for (int i = lane; i < headDim; i += 32) {
        squares = fmaf(before[i], before[i], squares);
        products = fmaf(norm[i] * vector[i], before[i], products);
      }
      for (int other = 16; other > 0; other /= 2) {
        squares += __shfl_xor_sync(~0u, squares, other);
        products += __shfl_xor_sync(~0u, products, other);
      }
      scale = 1 / sqrtf(squares / headDim + epsilon);
      along = scale * scale * scale / headDim * products;
    }
    for (int i = lane; i < headDim; i += 32) {
      row[head * headDim + i] =
          __float2bfloat16(norm ? scale * norm[i] * vector[i] - along * before[i] : vector[i]);
    }
    __syncwarp();
  }
  for (int i = (heads + 2 * kvHeads) * headDim + threadIdx.x; i < outStride; i += WARPS * 32) {
    row[i] = __float2bfloat16(0.f);
  }
}
