// The loss of one position and its gradient by the logits, z.
//
// With w_j = e^(z_j ÷ T), y the right token and W = Σ_{j ≠ y} w_j, the gradient is w_j ÷ D for j ≠ y and −W ÷ D for y, over
// T and the number of positions. The cross-entropy has D = W + w_y, the log-odds D = W; so the entry of y never comes from
// a difference of almost equal numbers. Where a position has no label, its token is drawn from the softmax of its logits:
// tokens in their order, until their weights exceed the given share of all.
//
// Shapes: logits [rows][stride], float, the first `size` of a row are real. label [rows], −1 where it is to be drawn, and
// the token that was; draw [rows], 0 ≤ share < 1; kind [rows]: LOG_ODDS, CROSS_ENTROPY or TEMPERED_CROSS_ENTROPY.
// gradient [rows][gradientStride], bf16, zeros past `size`; loss [rows], nats.
// Grid: one thread block a row. `size` is at most CHUNK · CHUNKS.
#include <cuda_bf16.h>

constexpr int THREADS = 256;
constexpr int WARPS = THREADS / 32;
constexpr int CHUNK = 1024;   // tokens whose weights are summed up together
constexpr int CHUNKS = 1024;
constexpr int LOG_ODDS = 0;
constexpr int TEMPERED_CROSS_ENTROPY = 2;
constexpr float COOL = 4;

__device__ double total(double value) {
  __shared__ double ofWarp[WARPS];
  for (int other = 16; other > 0; other /= 2) value += __shfl_xor_sync(~0u, value, other);
  __syncthreads();
  if (threadIdx.x % 32 == 0) ofWarp[threadIdx.x / 32] = value;
  __syncthreads();
  double sum = 0;
  for (int warp = 0; warp < WARPS; warp++) sum += ofWarp[warp];
  return sum;
}

// The largest logit but for one token's.
__device__ float largest(const float* logits, int size, int except) {
  __shared__ float ofWarp[WARPS];
  float most = -INFINITY;
  for (int token = threadIdx.x; token < size; token += THREADS) {
    if (token != except) most = fmaxf(most, logits[token]);
  }
  for (int other = 16; other > 0; other /= 2) most = fmaxf(most, __shfl_xor_sync(~0u, most, other));
  __syncthreads();
  if (threadIdx.x % 32 == 0) ofWarp[threadIdx.x / 32] = most;
  __syncthreads();
  for (int warp = 0; warp < WARPS; warp++) most = fmaxf(most, ofWarp[warp]);
  return most;
}

// The last token where rounding leaves something over.
__device__ int drawn(const float* logits, int size, double share) {
  __shared__ double ofChunk[CHUNKS];
  __shared__ int token;
  const float most = largest(logits, size, -1);
  const int warp = threadIdx.x / 32;
  const int lane = threadIdx.x % 32;
  const int chunks = (size + CHUNK - 1) / CHUNK;
  for (int chunk = warp; chunk < chunks; chunk += WARPS) {
    float sum = 0;
    for (int at = chunk * CHUNK + lane; at < min(size, (chunk + 1) * CHUNK); at += 32) sum += expf(logits[at] - most);
    double all = sum;
    for (int other = 16; other > 0; other /= 2) all += __shfl_xor_sync(~0u, all, other);
    if (lane == 0) ofChunk[chunk] = all;
  }
  __syncthreads();
  if (warp == 0) {
    double all = 0;
    for (int chunk = 0; chunk < chunks; chunk++) all += ofChunk[chunk];
    double left = share * all;
    int chunk = 0;
    while (chunk < chunks - 1 && left >= ofChunk[chunk]) left -= ofChunk[chunk++];
    int found = min(size, (chunk + 1) * CHUNK) - 1;
    for (int first = chunk * CHUNK; first <= found; first += 32) {
      const double own = first + lane <= found ? (double)expf(logits[first + lane] - most) : 0;
      double upTo = own;
      for (int back = 1; back < 32; back *= 2) {
        const double before = __shfl_up_sync(~0u, upTo, back);
        if (lane >= back) upTo += before;
      }
      const unsigned past = __ballot_sync(~0u, left < upTo && first + lane <= found);
      if (past) {
        found = first + __ffs(past) - 1;
        break;
      }
      left -= __shfl_sync(~0u, upTo, 31);
    }
    if (lane == 0) token = found;
  }
  __syncthreads();
  return token;
}

extern "C" __global__ void __launch_bounds__(THREADS) loss_gradient(
    const float* __restrict__ logits,
    int* __restrict__ label,
    const double* __restrict__ draw,
    const int* __restrict__ kind,
    __nv_bfloat16* __restrict__ gradient,
    double* __restrict__ loss,
    int size,
    int stride,
    int gradientStride,
    int positions) {
  const float* const row = logits + (size_t)blockIdx.x * stride;
  __nv_bfloat16* const to = gradient + (size_t)blockIdx.x * gradientStride;
  const int given = label[blockIdx.x];
  const int right = given < 0 ? drawn(row, size, draw[blockIdx.x]) : given;
  const float temperature = kind[blockIdx.x] == TEMPERED_CROSS_ENTROPY ? COOL : 1;
  const float most = largest(row, size, right);
  float sum = 0;
  for (int token = threadIdx.x; token < size; token += THREADS) {
    if (token != right) sum += expf((row[token] - most) / temperature);
  }
  const double others = total(sum);
  const double logOthers = most / temperature + log(others);
  const double rightLogit = row[right] / temperature;
  const double odds = exp(rightLogit - logOthers);
  const bool logOdds = kind[blockIdx.x] == LOG_ODDS;
  const double unit = (logOdds ? 1 : 1 / (1 + odds)) / ((double)temperature * positions);
  const float factor = unit / others;
  for (int token = threadIdx.x; token < gradientStride; token += THREADS) {
    float value = 0;
    if (token < size) value = token == right ? -unit : expf((row[token] - most) / temperature) * factor;
    to[token] = __float2bfloat16(value);
  }
  if (threadIdx.x == 0) {
    label[blockIdx.x] = right;
    loss[blockIdx.x] = logOthers - rightLogit + (logOdds ? 0 : log1p(odds));
  }
}
