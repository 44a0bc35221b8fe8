// y = g · σ(g) · u (arXiv 2002.05202), with σ(g) = r ÷ (1 + e^−|g|), where r is 1 for g ≥ 0 and e^−|g| below: the exponent
// is never positive.
//
// Shapes: gateAndUp [rows][stride], float: g of all columns, then u; y [rows][outStride], bf16, zeros from columns on.
// Grid: one thread block a row.
#include <cuda_bf16.h>

constexpr int THREADS = 256;

extern "C" __global__ void __launch_bounds__(THREADS) swiglu(
    const float* __restrict__ gateAndUp, __nv_bfloat16* __restrict__ y, int columns, int stride, int outStride) {
  const float* const gate = gateAndUp + (size_t)blockIdx.x * stride;
  const float* const up = gate + columns;
  __nv_bfloat16* const to = y + (size_t)blockIdx.x * outStride;
  for (int i = threadIdx.x; i < outStride; i += THREADS) {
    float value = 0;
    if (i < columns) {
      const float decay = expf(-fabsf(gate[i]));
      value = gate[i] * (gate[i] >= 0 ? 1 : decay) / (1 + decay) * up[i];
    }
    to[i] = __float2bfloat16(value);
  }
}
