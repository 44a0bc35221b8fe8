// From projections to what attention reads: splits rows into heads, normalises each head where the model does so (Qwen3),
// rotates queries and keys by their positions (arXiv 2104.09864, half-split layout), rounds to bf16, and pads heads with
// zeros to what the attention kernels are compiled for.
//
// Shapes: projections [rows][stride], float, each row the query heads, the key heads, then the value heads, headDim each;
// queryNorm and keyNorm [headDim], or null; cosines and sines [tokens][half], float, where the first 2 · half elements
// of a head rotate; q [heads][tokens][padded] and k, v [kvHeads][tokens][padded], bf16.
// Row r is token firstToken + r. Queries are multiplied by queryFactor.
// Grid: one thread block a row; a warp does one head after another.
#include <cuda_bf16.h>

constexpr int WARPS = 8;
constexpr int MOST = 128;  // elements of a head

extern "C" __global__ void __launch_bounds__(WARPS * 32) rotate_heads(
    const float* __restrict__ projections,
    const float* __restrict__ queryNorm,
    const float* __restrict__ keyNorm,
    const float* __restrict__ cosines,
    const float* __restrict__ sines,
    __nv_bfloat16* __restrict__ q,
    __nv_bfloat16* __restrict__ k,
    __nv_bfloat16* __restrict__ v,
    int stride,
    int firstToken,
    int tokens,
    int heads,
    int kvHeads,
    int headDim,
    int padded,
    int half,
    float epsilon,
    float queryFactor) {
  __shared__ float vectors[WARPS][MOST];
  const int warp = threadIdx.x / 32;
  const int lane = threadIdx.x % 32;
  const int token = firstToken + blockIdx.x;
  float* const vector = vectors[warp];
  const float* const cosine = cosines + (size_t)token * half;
  const float* const sine = sines + (size_t)token * half;

  for (int head = warp; head < heads + 2 * kvHeads; head += WARPS) {
    const bool isQuery = head < heads;
    const bool isValue = head >= heads + kvHeads;
    const float* const from = projections + (size_t)blockIdx.x * stride + head * headDim;
    const float* const norm = isValue ? nullptr : isQuery ? queryNorm : keyNorm;
    float scale = 1;
    if (norm) {
      float squares = 0;
      for (int i = lane; i < headDim; i += 32) squares = fmaf(from[i], from[i], squares);
      for (int other = 16; other > 0; other /= 2) squares += __shfl_xor_sync(~0u, squares, other);
      scale = 1 / sqrtf(squares / headDim + epsilon);
    }
    for (int i = lane; i < headDim; i += 32) vector[i] = norm ? from[i] * scale * norm[i] : from[i];
    __syncwarp();
    __nv_bfloat16* const of = isQuery ? q : isValue ? v : k;
    const int ofHead = isQuery ? head : isValue ? head - heads - kvHeads : head - heads;
    __nv_bfloat16* const to = of + ((size_t)ofHead * tokens + token) * padded;
    for (int i = lane; i < padded; i += 32) {
      float value = i < headDim ? vector[i] : 0;
      if (!isValue && i < half) value = vector[i] * cosine[i] - vector[half + i] * sine[i];
      if (!isValue && i >= half && i < 2 * half) {
        value = vector[i] * cosine[i - half] + vector[i - half] * sine[i - half];
      }
      to[i] = __float2bfloat16(isQuery ? value * queryFactor : value);
    }
    __syncwarp();
  }
}
