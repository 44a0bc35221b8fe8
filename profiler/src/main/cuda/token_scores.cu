// What rows of logits say: how well each predicts the token that follows, and how far one set of rows is from another.
//
// Shapes: logits [rows][stride], float, the first `size` of a row are real.
// token_scores: target [rows]; loss [rows], −ln of the target's probability; right [rows], 1 where the target has the
// largest logit (of equals the first counts).
// divergence: p and q, logits as above; kl [rows] = Σ p · (ln p − ln q), nats, what rounding makes of it below 0 cut off.
// Grid: one thread block a row.

constexpr int THREADS = 256;
constexpr int WARPS = THREADS / 32;

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

struct Best {
  float logit;
  int token;

  __device__ void meet(float otherLogit, int otherToken) {
    if (otherLogit > logit || (otherLogit == logit && otherToken < token)) {
      logit = otherLogit;
      token = otherToken;
    }
  }
};

__device__ Best best(const float* logits, int size) {
  __shared__ Best ofWarp[WARPS];
  Best mine = {-INFINITY, 0x7fffffff};
  for (int token = threadIdx.x; token < size; token += THREADS) mine.meet(logits[token], token);
  for (int other = 16; other > 0; other /= 2) {
    mine.meet(__shfl_xor_sync(~0u, mine.logit, other), __shfl_xor_sync(~0u, mine.token, other));
  }
  __syncthreads();
  if (threadIdx.x % 32 == 0) ofWarp[threadIdx.x / 32] = mine;
  __syncthreads();
  Best all = ofWarp[0];
  for (int warp = 1; warp < WARPS; warp++) all.meet(ofWarp[warp].logit, ofWarp[warp].token);
  return all;
}

// ln Σ e^logit.
__device__ double normalizer(const float* logits, int size, float most) {
  float sum = 0;
  for (int token = threadIdx.x; token < size; token += THREADS) sum += expf(logits[token] - most);
  return most + log(total(sum));
}

extern "C" __global__ void __launch_bounds__(THREADS) token_scores(
    const float* __restrict__ logits,
    const int* __restrict__ target,
    double* __restrict__ loss,
    int* __restrict__ right,
    int size,
    int stride) {
  const float* const row = logits + (size_t)blockIdx.x * stride;
  const Best most = best(row, size);
  const double normal = normalizer(row, size, most.logit);
  if (threadIdx.x == 0) {
    loss[blockIdx.x] = normal - row[target[blockIdx.x]];
    right[blockIdx.x] = most.token == target[blockIdx.x];
  }
}

extern "C" __global__ void __launch_bounds__(THREADS) divergence(
    const float* __restrict__ p, const float* __restrict__ q, double* __restrict__ kl, int size, int stride) {
  const float* const own = p + (size_t)blockIdx.x * stride;
  const float* const other = q + (size_t)blockIdx.x * stride;
  const double ownNormal = normalizer(own, size, best(own, size).logit);
  const double otherNormal = normalizer(other, size, best(other, size).logit);
  const float shift = ownNormal;
  float sum = 0;
  for (int token = threadIdx.x; token < size; token += THREADS) {
    sum = fmaf(expf(own[token] - shift), own[token] - other[token], sum);
  }
  const double difference = total(sum);
  if (threadIdx.x == 0) kl[blockIdx.x] = fmax(0., difference - ownNormal + otherNormal);
}
