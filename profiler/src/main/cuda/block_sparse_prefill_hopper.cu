// block_sparse_prefill.cu for Hopper: the same inputs and outputs, with the instructions that only Hopper has.
//
// The idea is flash attention 3 (arXiv 2407.08608). One warp asks the bulk copy engine for key and value tiles, some
// ahead; each other warpgroup owns 64 queries and multiplies them by wgmma, whose second operand it reads from shared
// memory. While the product of weights and values of one tile runs, the softmax of the next tile is computed; and two
// warpgroups take turns at the tensor cores, so that one multiplies while the other computes exponentials.
//
// The tensors are given as maps: dimensions HEAD_DIM, tokens, batch · heads; boxes of 64 elements and TILE rows, of
// 64 rows for the output. Rows past the last token are read as zeros and not written.
// rowStart, keyTiles, logSumExp, reach and the grid are those of block_sparse_prefill.cu.
#include "hopper_attention.cuh"

constexpr int STORE_BARRIER = 3;  // and one more: a warpgroup's output is in shared memory

__device__ __forceinline__ void store(
    const TensorMap* map, const unsigned char* from, int element, int token, int matrix) {
  asm volatile("cp.async.bulk.tensor.3d.global.shared::cta.bulk_group [%0, {%2, %3, %4}], [%1];" ::"l"(map),
               "r"(address(from)), "r"(element), "r"(token), "r"(matrix)
               : "memory");
}

extern "C" __global__ void __launch_bounds__(THREADS, BLOCKS) block_sparse_prefill_hopper(
    const __grid_constant__ TensorMap q,
    const __grid_constant__ TensorMap k,
    const __grid_constant__ TensorMap v,
    const __grid_constant__ TensorMap o,
    const int* __restrict__ rowStart,
    const int* __restrict__ keyTiles,
    float* __restrict__ logSumExp,
    int tokens,
    int kvHeads,
    int reach,
    float scaleLog2) {
  extern __shared__ __align__(1024) unsigned char shared[];
  unsigned char* const queries = shared;
  unsigned char* const keys = queries + TILE_BYTES;           // [STAGES]
  unsigned char* const values = keys + STAGES * TILE_BYTES;   // [STAGES]
  Barriers* const barriers = reinterpret_cast<Barriers*>(values + STAGES * TILE_BYTES);

  const int queryTile = blockIdx.x;
  const int prompt = blockIdx.y;
  const int head = blockIdx.z;
  const int heads = gridDim.z;
  const int* const row = rowStart + (size_t)head * (gridDim.x + 1) + queryTile;
  const int firstEntry = row[0];
  const int entries = row[1] - firstEntry;
  const int queryMatrix = prompt * heads + head;

  if (threadIdx.x == 0) {
    initialize(barriers);
    asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory");
    asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
  }
  __syncthreads();

  if (threadIdx.x / WARPGROUP == CONSUMERS) {
    asm volatile("setmaxnreg.dec.sync.aligned.u32 %0;" ::"n"(PRODUCER_REGISTERS));
    if (threadIdx.x == CONSUMERS * WARPGROUP) {
      const int keyMatrix = prompt * kvHeads + head / (heads / kvHeads);
      if (entries > 0) loadTile(queries, &q, &barriers->queries, queryTile * TILE, queryMatrix);
      for (int entry = 0; entry < entries; entry++) {
        const int stage = entry % STAGES;
        const int freed = (entry / STAGES - 1) & 1;
        const int token = keyTiles[firstEntry + entry] * TILE;
        if (entry >= STAGES) wait(&barriers->keysEmpty[stage], freed);
        loadTile(keys + stage * TILE_BYTES, &k, &barriers->keysFull[stage], token, keyMatrix);
        if (entry >= STAGES) wait(&barriers->valuesEmpty[stage], freed);
        loadTile(values + stage * TILE_BYTES, &v, &barriers->valuesFull[stage], token, keyMatrix);
      }
    }
  } else {
    asm volatile("setmaxnreg.inc.sync.aligned.u32 %0;" ::"n"(CONSUMER_REGISTERS));
    const int group = threadIdx.x / WARPGROUP;
    const int warp = threadIdx.x % WARPGROUP / 32;
    const int lane = threadIdx.x % 32;
    const int rowOfGroup = warp * 16 + lane / 4;  // and 8 rows below
    const int firstQuery = queryTile * TILE + group * GROUP_ROWS + rowOfGroup;

    float score[SCORES];
    float output[OUTPUTS];
    uint32_t weight[SCORES / 2];
    float shrink[2];
    Softmax<> softmax;
#pragma unroll
    for (int i = 0; i < OUTPUTS; i++) output[i] = 0;

    unsigned char* const mine = queries + group * GROUP_ROWS * COLUMN * 2;
    auto release = [&](uint64_t* barrier) {
      if (lane == 0) arrive(barrier);
    };
    auto weigh = [&](int entry) {
      hide(score, keyTiles[firstEntry + entry], queryTile, firstQuery, tokens, reach);
      softmax.weigh(score, scaleLog2, shrink);
    };

    if (entries > 0) {
      if (group == 1) passTurn(1);
      wait(&barriers->queries, 0);
      wait(&barriers->keysFull[0], 0);
      awaitTurn(group);
      scoreTile(score, mine, keys);
      passTurn(group);
      waitForProducts<0>();
      fence(score);
      release(&barriers->keysEmpty[0]);
      weigh(0);
      packWeights(weight, score);
      for (int entry = 1; entry < entries; entry++) {
        const int stage = entry % STAGES;
        const int before = (entry - 1) % STAGES;
        wait(&barriers->keysFull[stage], entry / STAGES & 1);
        awaitTurn(group);
        scoreTile(score, mine, keys + stage * TILE_BYTES);
        wait(&barriers->valuesFull[before], (entry - 1) / STAGES & 1);
        addValues(output, weight, values + before * TILE_BYTES);
        passTurn(group);
        waitForProducts<1>();
        fence(score);
        release(&barriers->keysEmpty[stage]);
        weigh(entry);
        waitForProducts<0>();
        fence(output);
        release(&barriers->valuesEmpty[before]);
#pragma unroll
        for (int i = 0; i < OUTPUTS; i++) output[i] *= shrink[i % 4 / 2];
        packWeights(weight, score);
      }
      const int last = entries - 1;
      wait(&barriers->valuesFull[last % STAGES], last / STAGES & 1);
      addValues(output, weight, values + last % STAGES * TILE_BYTES);
      // The first warpgroup was passed one turn more than it took.
      if (group == 0) awaitTurn(0);
      waitForProducts<0>();
      fence(output);
    }

    // The output takes the place of this warpgroup's queries, then the copy engine stores it.
    float inverse[2];
#pragma unroll
    for (int half = 0; half < 2; half++) {
      float sum = softmax.sum[half];
      sum += __shfl_xor_sync(~0u, sum, 1);
      sum += __shfl_xor_sync(~0u, sum, 2);
      inverse[half] = sum > 0 ? 1 / sum : 0;
      const int token = firstQuery + half * 8;
      if (lane % 4 == 0 && token < tokens) {
        logSumExp[(size_t)queryMatrix * tokens + token] =
            sum > 0 ? (softmax.maximum[half] + log2f(sum)) * 0.69314718056f : -INFINITY;
      }
    }
#pragma unroll
    for (int i = 0; i < OUTPUTS; i += 2) {
      const int half = i % 4 / 2;
      const int element = i / 4 * 8 + lane % 4 * 2;
      const int rowAt = rowOfGroup + half * 8;
      const int piece = element % COLUMN / 8 ^ rowAt % 8;
      *reinterpret_cast<uint32_t*>(mine + element / COLUMN * COLUMN_BYTES + rowAt * COLUMN * 2 + piece * 16 +
                                   element % 8 * 2) = packed(output[i] * inverse[half], output[i + 1] * inverse[half]);
    }
    asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
    asm volatile("bar.sync %0, %1;" ::"r"(STORE_BARRIER + group), "n"(WARPGROUP) : "memory");
    if (threadIdx.x % WARPGROUP == 0) {
#pragma unroll
      for (int column = 0; column < COLUMNS; column++) {
        store(&o, mine + column * COLUMN_BYTES, column * COLUMN, queryTile * TILE + group * GROUP_ROWS, queryMatrix);
      }
      asm volatile("cp.async.bulk.commit_group;" ::: "memory");
      asm volatile("cp.async.bulk.wait_group 0;" ::: "memory");
    }
  }
}
