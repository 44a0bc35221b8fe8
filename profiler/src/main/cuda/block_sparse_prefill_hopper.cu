// block_sparse_prefill.cu for Hopper: the same inputs and outputs, with the instructions that only Hopper has.
//
// The idea is flash attention 3 (arXiv 2407.08608). One warp asks the bulk copy engine for key and value tiles, some
// ahead; each other warpgroup owns 64 queries and multiplies them by wgmma, whose second operand it reads from shared
// memory. While the product of weights and values of one tile runs, the softmax of the next tile is computed; and two
// warpgroups take turns at the tensor cores, so that one multiplies while the other computes exponentials.
//
// Tiles lie in shared memory as columns of 64 elements (128 bytes), rows below each other, 16-byte pieces permuted by
// the row number: what the copy engine calls the 128-byte swizzle, and wgmma reads without bank conflicts.
//
// The tensors are given as maps: dimensions HEAD_DIM, tokens, batch · heads; boxes of 64 elements and TILE rows, of
// 64 rows for the output. Rows past the last token are read as zeros and not written.
// rowStart, keyTiles, logSumExp, reach and the grid are those of block_sparse_prefill.cu.
#include <cuda_bf16.h>
#include <cstdint>

#ifndef HEAD_DIM
#define HEAD_DIM 128
#endif
#ifndef TILE
#define TILE 128
#endif

constexpr int GROUP_ROWS = 64;                 // queries of a warpgroup
constexpr int CONSUMERS = TILE / GROUP_ROWS;   // warpgroups that multiply
constexpr int WARPGROUP = 128;
constexpr int THREADS = (CONSUMERS + 1) * WARPGROUP;
constexpr int BLOCKS = CONSUMERS == 1 ? 2 : 1;  // on a multiprocessor
constexpr int COLUMN = 64;                     // elements of a column of a tile
constexpr int COLUMNS = HEAD_DIM / COLUMN;
constexpr int COLUMN_BYTES = TILE * COLUMN * 2;
constexpr int TILE_BYTES = COLUMNS * COLUMN_BYTES;
constexpr int STAGES = 2;
constexpr int ATOM_BYTES = 1024;               // 8 rows of 128 bytes
constexpr int SCORES = TILE / 2;               // of a thread: 2 rows, a quarter of the keys
constexpr int OUTPUTS = HEAD_DIM / 2;          // of a thread
// Register budgets: they add up to what the block was given at its launch.
constexpr int PRODUCER_REGISTERS = CONSUMERS == 1 ? 40 : 24;
constexpr int CONSUMER_REGISTERS = CONSUMERS == 1 ? 208 : 240;
constexpr int TURN_BARRIER = 1;                // and one more: whose turn it is
constexpr int STORE_BARRIER = 3;               // and one more: a warpgroup's output is in shared memory
constexpr float LEAST = -1e30f;

struct alignas(64) TensorMap {
  unsigned char bytes[128];
};

struct Barriers {
  uint64_t queries;
  uint64_t keysFull[STAGES];
  uint64_t keysEmpty[STAGES];
  uint64_t valuesFull[STAGES];
  uint64_t valuesEmpty[STAGES];
};

__device__ __forceinline__ uint32_t address(const void* shared) {
  return static_cast<uint32_t>(__cvta_generic_to_shared(shared));
}

__device__ __forceinline__ void initialize(uint64_t* barrier, int arrivals) {
  asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" ::"r"(address(barrier)), "r"(arrivals) : "memory");
}

__device__ __forceinline__ void expect(uint64_t* barrier, int bytes) {
  asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(address(barrier)), "r"(bytes) : "memory");
}

__device__ __forceinline__ void arrive(uint64_t* barrier) {
  asm volatile("mbarrier.arrive.shared::cta.b64 _, [%0];" ::"r"(address(barrier)) : "memory");
}

__device__ __forceinline__ void wait(uint64_t* barrier, int parity) {
  asm volatile(
      "{\n"
      ".reg .pred done;\n"
      "again:\n"
      "mbarrier.try_wait.parity.shared::cta.b64 done, [%0], %1;\n"
      "@!done bra again;\n"
      "}\n" ::"r"(address(barrier)),
      "r"(parity)
      : "memory");
}

__device__ __forceinline__ void load(
    unsigned char* to, const TensorMap* map, uint64_t* barrier, int element, int token, int matrix) {
  asm volatile(
      "cp.async.bulk.tensor.3d.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1, {%3, %4, %5}], [%2];" ::"r"(
          address(to)),
      "l"(map), "r"(address(barrier)), "r"(element), "r"(token), "r"(matrix)
      : "memory");
}

__device__ __forceinline__ void loadTile(
    unsigned char* to, const TensorMap* map, uint64_t* barrier, int token, int matrix) {
  expect(barrier, TILE_BYTES);
#pragma unroll
  for (int column = 0; column < COLUMNS; column++) {
    load(to + column * COLUMN_BYTES, map, barrier, column * COLUMN, token, matrix);
  }
}

__device__ __forceinline__ void store(
    const TensorMap* map, const unsigned char* from, int element, int token, int matrix) {
  asm volatile("cp.async.bulk.tensor.3d.global.shared::cta.bulk_group [%0, {%2, %3, %4}], [%1];" ::"l"(map),
               "r"(address(from)), "r"(element), "r"(token), "r"(matrix)
               : "memory");
}

// What wgmma must know of a matrix in shared memory: 128-byte swizzle, 8-row atoms below each other; columnBytes apart
// are the columns of one that is read by columns.
__device__ __forceinline__ uint64_t descriptor(const unsigned char* matrix, int columnBytes) {
  return static_cast<uint64_t>((address(matrix) & 0x3ffff) >> 4) | static_cast<uint64_t>(columnBytes >> 4) << 16 |
         static_cast<uint64_t>(ATOM_BYTES >> 4) << 32 | 1ull << 62;
}

__device__ __forceinline__ void beginProducts() { asm volatile("wgmma.fence.sync.aligned;" ::: "memory"); }
__device__ __forceinline__ void commitProducts() { asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory"); }

template <int PENDING>
__device__ __forceinline__ void waitForProducts() {
  asm volatile("wgmma.wait_group.sync.aligned %0;" ::"n"(PENDING) : "memory");
}

// The compiler must not move uses of an accumulator over a wait.
template <int N>
__device__ __forceinline__ void fence(float (&registers)[N]) {
#pragma unroll
  for (int i = 0; i < N; i++) asm volatile("" : "+f"(registers[i])::"memory");
}

#define R8(c, i) "+f"(c[i]), "+f"(c[i + 1]), "+f"(c[i + 2]), "+f"(c[i + 3]), "+f"(c[i + 4]), "+f"(c[i + 5]), "+f"(c[i + 6]), "+f"(c[i + 7])
#define R32(c, i) R8(c, i), R8(c, i + 8), R8(c, i + 16), R8(c, i + 24)
#define NAMES32                                                                                                   \
  "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, %16, %17, %18, %19, %20, %21, %22, %23, " \
  "%24, %25, %26, %27, %28, %29, %30, %31"
#define NAMES64                                                                                                     \
  NAMES32                                                                                                           \
  ", %32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, %48, %49, %50, %51, %52, %53, " \
  "%54, %55, %56, %57, %58, %59, %60, %61, %62, %63"

// c = a · bᵀ, or c += a · bᵀ: 16 elements of 64 queries and of the keys.
__device__ __forceinline__ void multiply(float (&c)[64], uint64_t a, uint64_t b, int add) {
  asm volatile(
      "{\n.reg .pred add;\nsetp.ne.b32 add, %66, 0;\n"
      "wgmma.mma_async.sync.aligned.m64n128k16.f32.bf16.bf16 {" NAMES64 "}, %64, %65, add, 1, 1, 0, 0;\n}\n"
      : R32(c, 0), R32(c, 32)
      : "l"(a), "l"(b), "r"(add));
}

__device__ __forceinline__ void multiply(float (&c)[32], uint64_t a, uint64_t b, int add) {
  asm volatile(
      "{\n.reg .pred add;\nsetp.ne.b32 add, %34, 0;\n"
      "wgmma.mma_async.sync.aligned.m64n64k16.f32.bf16.bf16 {" NAMES32 "}, %32, %33, add, 1, 1, 0, 0;\n}\n"
      : R32(c, 0)
      : "l"(a), "l"(b), "r"(add));
}

// c += a · b: weights of 64 queries for 16 keys, and the values of those keys.
__device__ __forceinline__ void multiply(float (&c)[64], const uint32_t* a, uint64_t b) {
  asm volatile(
      "wgmma.mma_async.sync.aligned.m64n128k16.f32.bf16.bf16 {" NAMES64 "}, {%64, %65, %66, %67}, %68, 1, 1, 1, 1;\n"
      : R32(c, 0), R32(c, 32)
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b));
}

__device__ __forceinline__ void multiply(float (&c)[32], const uint32_t* a, uint64_t b) {
  asm volatile(
      "wgmma.mma_async.sync.aligned.m64n64k16.f32.bf16.bf16 {" NAMES32 "}, {%32, %33, %34, %35}, %36, 1, 1, 1, 1;\n"
      : R32(c, 0)
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b));
}

__device__ __forceinline__ float exponential(float x) {
  float y;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}

__device__ __forceinline__ uint32_t packed(float low, float high) {
  const __nv_bfloat162 pair = __floats2bfloat162_rn(low, high);
  return *reinterpret_cast<const uint32_t*>(&pair);
}

// The two warpgroups pass the tensor cores to each other.
__device__ __forceinline__ void awaitTurn(int group) {
  if (CONSUMERS == 2) {
    asm volatile("bar.sync %0, %1;" ::"r"(TURN_BARRIER + group), "n"(2 * WARPGROUP) : "memory");
  }
}
__device__ __forceinline__ void passTurn(int group) {
  if (CONSUMERS == 2) {
    asm volatile("bar.arrive %0, %1;" ::"r"(TURN_BARRIER + 1 - group), "n"(2 * WARPGROUP) : "memory");
  }
}

struct Softmax {
  float maximum[2] = {LEAST, LEAST};  // of rows lane / 4 and lane / 4 + 8 of the warp, in log2
  float sum[2] = {0, 0};              // of this thread's keys

  // Turns scores into weights; returns in `shrink` what earlier weights are to be multiplied by.
  __device__ __forceinline__ void weigh(float (&score)[SCORES], float scaleLog2, float (&shrink)[2]) {
#pragma unroll
    for (int half = 0; half < 2; half++) {
      float most = score[2 * half];
#pragma unroll
      for (int octet = 0; octet < SCORES / 4; octet++) {
        most = fmaxf(most, fmaxf(score[4 * octet + 2 * half], score[4 * octet + 2 * half + 1]));
      }
      most = fmaxf(most, __shfl_xor_sync(~0u, most, 1));
      most = fmaxf(most, __shfl_xor_sync(~0u, most, 2));
      most = fmaxf(maximum[half], most * scaleLog2);
      shrink[half] = exponential(maximum[half] - most);
      maximum[half] = most;
      sum[half] *= shrink[half];
#pragma unroll
      for (int octet = 0; octet < SCORES / 4; octet++) {
#pragma unroll
        for (int e = 0; e < 2; e++) {
          float& s = score[4 * octet + 2 * half + e];
          s = exponential(fmaf(s, scaleLog2, -most));
          sum[half] += s;
        }
      }
    }
  }
};

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
    initialize(&barriers->queries, 1);
    for (int stage = 0; stage < STAGES; stage++) {
      initialize(&barriers->keysFull[stage], 1);
      initialize(&barriers->valuesFull[stage], 1);
      initialize(&barriers->keysEmpty[stage], CONSUMERS * 4);
      initialize(&barriers->valuesEmpty[stage], CONSUMERS * 4);
    }
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
    Softmax softmax;
#pragma unroll
    for (int i = 0; i < OUTPUTS; i++) output[i] = 0;

    auto scoreTile = [&](int entry) {
      const unsigned char* const tile = keys + entry % STAGES * TILE_BYTES;
      fence(score);
      beginProducts();
#pragma unroll
      for (int depth = 0; depth < HEAD_DIM / 16; depth++) {
        const int at = depth / 4 * COLUMN_BYTES + depth % 4 * 32;
        multiply(score, descriptor(queries + group * GROUP_ROWS * COLUMN * 2 + at, 16), descriptor(tile + at, 16),
                 depth > 0);
      }
      commitProducts();
    };
    auto addValues = [&](int entry) {
      const unsigned char* const tile = values + entry % STAGES * TILE_BYTES;
      fence(output);
      beginProducts();
#pragma unroll
      for (int depth = 0; depth < TILE / 16; depth++) {
        multiply(output, weight + 4 * depth, descriptor(tile + depth * 2 * ATOM_BYTES, COLUMN_BYTES));
      }
      commitProducts();
    };
    auto release = [&](uint64_t* barrier) {
      if (lane == 0) arrive(barrier);
    };
    auto weigh = [&](int entry) {
      const int keyTile = keyTiles[firstEntry + entry];
      if ((keyTile + 1) * TILE > tokens ||
          (reach && (keyTile == queryTile || keyTile * TILE < (queryTile + 1) * TILE - reach))) {
#pragma unroll
        for (int i = 0; i < SCORES; i++) {
          const int key = keyTile * TILE + i / 4 * 8 + lane % 4 * 2 + i % 2;
          const int query = firstQuery + i % 4 / 2 * 8;
          const bool hidden = key >= tokens || (reach && (key > query || key <= query - reach));
          if (hidden) score[i] = -INFINITY;
        }
      }
      softmax.weigh(score, scaleLog2, shrink);
    };
    auto packWeights = [&]() {
#pragma unroll
      for (int i = 0; i < SCORES / 2; i++) weight[i] = packed(score[2 * i], score[2 * i + 1]);
    };

    if (entries > 0) {
      if (group == 1) passTurn(1);
      wait(&barriers->queries, 0);
      wait(&barriers->keysFull[0], 0);
      awaitTurn(group);
      scoreTile(0);
      passTurn(group);
      waitForProducts<0>();
      fence(score);
      release(&barriers->keysEmpty[0]);
      weigh(0);
      packWeights();
      for (int entry = 1; entry < entries; entry++) {
        const int stage = entry % STAGES;
        const int before = (entry - 1) % STAGES;
        wait(&barriers->keysFull[stage], entry / STAGES & 1);
        awaitTurn(group);
        scoreTile(entry);
        wait(&barriers->valuesFull[before], (entry - 1) / STAGES & 1);
        addValues(entry - 1);
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
        packWeights();
      }
      const int last = entries - 1;
      wait(&barriers->valuesFull[last % STAGES], last / STAGES & 1);
      addValues(last);
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
    unsigned char* const mine = queries + group * GROUP_ROWS * COLUMN * 2;
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
