// From the output of attention to the rows that the output projection reads: the heads of a token side by side, their
// padding left out.
//
// Shapes: o [heads][tokens][padded], bf16; rows [tokens][stride], bf16, zeros from heads · headDim to stride on.
// which [tokens]: only tokens with a number other than 0 are written; null: all are.
// Grid: one thread block a token.
#include <cuda_bf16.h>

constexpr int THREADS = 256;

extern "C" __global__ void __launch_bounds__(THREADS) gather_heads(
    const __nv_bfloat16* __restrict__ o,
    const int* __restrict__ which,
    __nv_bfloat16* __restrict__ rows,
    int tokens,
    int heads,
    int headDim,
    int padded,
    int stride) {
  const int token = blockIdx.x;
  if (which && which[token] == 0) return;
  for (int i = threadIdx.x; i < stride; i += THREADS) {
    const int head = i / headDim;
    rows[(size_t)token * stride + i] =
        head < heads ? o[((size_t)head * tokens + token) * padded + i % headDim] : __float2bfloat16(0.f);
  }
}
