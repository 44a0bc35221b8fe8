// From the gradient of the output projection's input to what the backward pass of attention reads: splits rows into
// heads, rounds them to bf16, pads heads with zeros, and takes each row's product with the attention output.
//
// Shapes: rows [count][stride], float, the heads of a token side by side; o and gradient [heads][tokens][padded], bf16;
// rowDot [heads][tokens], float: Σ gradient · o, of the rounded gradient. Row r is token firstToken + r.
// Grid: one thread block a row; a warp does one head after another.
#include <cuda_bf16.h>

constexpr int WARPS = 8;

extern "C" __global__ void __launch_bounds__(WARPS * 32) split_heads(
    const float* __restrict__ rows,
    const __nv_bfloat16* __restrict__ o,
    __nv_bfloat16* __restrict__ gradient,
    float* __restrict__ rowDot,
    int stride,
    int firstToken,
    int tokens,
    int heads,
    int headDim,
    int padded) {
  const int lane = threadIdx.x % 32;
  const int token = firstToken + blockIdx.x;
  for (int head = threadIdx.x / 32; head < heads; head += WARPS) {
    const float* const from = rows + (size_t)blockIdx.x * stride + head * headDim;
    const size_t row = (size_t)head * tokens + token;
    float dot = 0;
    for (int i = lane; i < padded; i += 32) {
      const __nv_bfloat16 value = __float2bfloat16(i < headDim ? from[i] : 0.f);
      gradient[row * padded + i] = value;
      dot = fmaf(__bfloat162float(value), __bfloat162float(o[row * padded + i]), dot);
    }
    for (int other = 16; other > 0; other /= 2) dot += __shfl_xor_sync(~0u, dot, other);
    if (lane == 0) rowDot[row] = dot;
  }
}
