// The gradient of rms_norm.cu's input, row by row: with y = x · s · w and s = 1 ÷ √(mean(x²) + ε), it is
// s · (w · g) − x · s³ ÷ width · Σ(w · g · x), where g is that of y.
//
// Shapes: x [rows][xStride] and g [rows][gStride], float, the first `width` of a row are real; weight [width], float;
// into [rows][stride], float: added to, or overwritten where accumulate is 0. into may be g.
// Grid: one thread block a row.

constexpr int THREADS = 256;

extern "C" __global__ void __launch_bounds__(THREADS) rms_norm_backward(
    const float* x, const float* weight, const float* g, float* into, int width, int xStride, int gStride, int stride,
    int accumulate, float epsilon) {
  const float* const row = x + (size_t)blockIdx.x * xStride;
  const float* const gradient = g + (size_t)blockIdx.x * gStride;
  float* const to = into + (size_t)blockIdx.x * stride;
  float squares = 0;
  float products = 0;
  for (int i = threadIdx.x; i < width; i += THREADS) {
    squares = fmaf(row[i], row[i], squares);
    products = fmaf(weight[i] * gradient[i], row[i], products);
  }
  for (int other = 16; other > 0; other /= 2) {
    squares += __shfl_xor_sync(~0u, squares, other);
    products += __shfl_xor_sync(~0u, products, other);
  }
  __shared__ float ofWarp[2][THREADS / 32];
  if (threadIdx.x % 32 == 0) {
    ofWarp[0][threadIdx.x / 32] = squares;
    ofWarp[1][threadIdx.x / 32] = products;
  }
  __syncthreads();
  float sum = 0;
  float dot = 0;
  for (int warp = 0; warp < THREADS / 32; warp++) {
    sum += ofWarp[0][warp];
    dot += ofWarp[1][warp];
  }
  const float scale = 1 / sqrtf(sum / width + epsilon);
  const float along = scale * scale * scale / width * dot;
  for (int i = threadIdx.x; i < width; i += THREADS) {
    const float value = scale * weight[i] * gradient[i] - along * row[i];
    to[i] = accumulate ? to[i] + value : value;
  }
}
