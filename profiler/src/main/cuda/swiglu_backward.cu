// The gradients of swiglu.cu's inputs: with a that of y, of g: a · u · σ · (1 + g · (1 − σ)), of u: a · g · σ; σ and 1 − σ
// without cancellation.
//
// Shapes: gateAndUp [rows][stride], float: g of all columns, then u; a [rows][aStride], float; y [rows][outStride], bf16:
// the gradients in the places of g and u, zeros from 2 · columns on.
// Grid: one thread block a row.
#include <cuda_bf16.h>

constexpr int THREADS = 256;

extern "C" __global__ void __launch_bounds__(THREADS) swiglu_backward(
    const float* __restrict__ gateAndUp,
    const float* __restrict__ a,
    __nv_bfloat16* __restrict__ y,
    int columns,
    int stride,
    int aStride,
    int outStride) {
  const float* const gate = gateAndUp + (size_t)blockIdx.x * stride;
  const float* const up = gate + columns;
  const float* const gradient = a + (size_t)blockIdx.x * aStride;
  __nv_bfloat16* const to = y + (size_t)blockIdx.x * outStride;
  for (int i = threadIdx.x; i < columns; i += THREADS) {
    const float g = gate[i];
    const float decay = expf(-fabsf(g));
    const float sigmoid = (g >= 0 ? 1 : decay) / (1 + decay);
    const float rest = (g >= 0 ? decay : 1) / (1 + decay);
    to[i] = __float2bfloat16(gradient[i] * up[i] * sigmoid * fmaf(g, rest, 1));
    to[columns + i] = __float2bfloat16(gradient[i] * g * sigmoid);
  }
  for (int i = 2 * columns + threadIdx.x; i < outStride; i += THREADS) to[i] = __float2bfloat16(0.f);
}
