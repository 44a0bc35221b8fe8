// Attention on Hopper's own instructions, as kernels of it share: tiles come into shared memory by the bulk copy engine,
// a warpgroup multiplies 64 queries by them with wgmma, and two warpgroups take turns at the tensor cores.
//
// Tiles lie in shared memory as columns of 64 elements (128 bytes), rows below each other, 16-byte pieces permuted by
// the row number: what the copy engine calls the 128-byte swizzle, and wgmma reads without bank conflicts.
//
// Tensors are given as maps: dimensions HEAD_DIM, tokens, batch · heads; boxes of 64 elements and TILE rows. Rows past
// the last token are read as zeros.
#pragma once
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

// The softmax so far of a thread's two rows. With WHOLE maxima, rounded up to whole numbers, weights are the same up to
// powers of two whatever tiles came before: they are rounded to bf16 alike.
template <bool WHOLE = false>
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
      most = fmaxf(maximum[half], WHOLE ? ceilf(most * scaleLog2) : most * scaleLog2);
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

// Of one thread, before the barriers are used.
__device__ __forceinline__ void initialize(Barriers* barriers) {
  initialize(&barriers->queries, 1);
  for (int stage = 0; stage < STAGES; stage++) {
    initialize(&barriers->keysFull[stage], 1);
    initialize(&barriers->valuesFull[stage], 1);
    initialize(&barriers->keysEmpty[stage], CONSUMERS * 4);
    initialize(&barriers->valuesEmpty[stage], CONSUMERS * 4);
  }
}

// Begins score = queries · keysᵀ of a warpgroup.
__device__ __forceinline__ void scoreTile(float (&score)[SCORES], const unsigned char* queries, const unsigned char* keys) {
  fence(score);
  beginProducts();
#pragma unroll
  for (int depth = 0; depth < HEAD_DIM / 16; depth++) {
    const int at = depth / 4 * COLUMN_BYTES + depth % 4 * 32;
    multiply(score, descriptor(queries + at, 16), descriptor(keys + at, 16), depth > 0);
  }
  commitProducts();
}

// Begins output += weight · values of a warpgroup.
__device__ __forceinline__ void addValues(
    float (&output)[OUTPUTS], const uint32_t (&weight)[SCORES / 2], const unsigned char* values) {
  fence(output);
  beginProducts();
#pragma unroll
  for (int depth = 0; depth < TILE / 16; depth++) {
    multiply(output, weight + 4 * depth, descriptor(values + depth * 2 * ATOM_BYTES, COLUMN_BYTES));
  }
  commitProducts();
}

__device__ __forceinline__ void packWeights(uint32_t (&weight)[SCORES / 2], const float (&score)[SCORES]) {
#pragma unroll
  for (int i = 0; i < SCORES / 2; i++) weight[i] = packed(score[2 * i], score[2 * i + 1]);
}

// Takes the weight from what a query does not see. firstQuery: of this thread's two; reach 0: queries see all tokens.
__device__ __forceinline__ void hide(
    float (&score)[SCORES], int keyTile, int queryTile, int firstQuery, int tokens, int reach) {
  if ((keyTile + 1) * TILE > tokens ||
      (reach && (keyTile == queryTile || keyTile * TILE < (queryTile + 1) * TILE - reach))) {
    const int lane = threadIdx.x % 32;
#pragma unroll
    for (int i = 0; i < SCORES; i++) {
      const int key = keyTile * TILE + i / 4 * 8 + lane % 4 * 2 + i % 2;
      const int query = firstQuery + i % 4 / 2 * 8;
      const bool hidden = key >= tokens || (reach && (key > query || key <= query - reach));
      if (hidden) score[i] = -INFINITY;
    }
  }
}
