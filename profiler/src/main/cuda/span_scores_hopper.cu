// Scores sets of key tiles that are first tiles and last tiles of what a query tile sees (sinks and a window) against
// dense causal attention, query by query, and sums the scores over the queries of a tile. For Hopper.
//
// The idea: flash attention that walks the first tiles on their own, then all tiles from the last to the first. What it
// has summed up (output, maximum and sum of the softmax) is the attention over the tiles so far: it is kept wherever
// some set's first tiles or window end, and in the end it is the dense output. A set is the re-normalised sum of two
// that were kept, and is compared with the dense output element by element, so that no large numbers cancel. Maxima are
// whole numbers: weights are then rounded to bf16 alike on both walks, and the comparison does not see that rounding.
//
// A unit is a query tile of a head: units go through the heads of the last query tile, then of the one before. A launch
// takes some units one after the other; thread block b those that are gridDim.x apart, which are all about as long.
//
// Shapes: q, k, v are maps as in hopper_attention.cuh; gradient [heads][tokens][HEAD_DIM], bf16.
// programs [units]: first step, steps, first batch, batches. steps: a key tile, with CLEAR if it begins a walk and KEEP
// if what was summed up after it is kept, in place 0, 1, … of the unit. batches: up to three sets with the same window: a
// place for the window, and for the first tiles of each; NONE if there are none.
// firstScore [units]: where the unit's first batch is, in scores; three scores a batch.
// kept [gridDim.x][places][PIECES][threads]: scratch, 16-byte pieces.
// sums [scores][5]: over the queries of the unit of the share of weight that is kept, |O_c − O|², |G · (O_c − O)|, its
// square and itself. bins [scores][TILE]: the kept share of each query in 256ths, rounded down; entries of queries past
// the last token are not written. squaredNorm [units]: the sum of |O|².
// reach: a query sees so many keys, its own the last of them.
#include "hopper_attention.cuh"

constexpr int CLEAR = 1 << 30;
constexpr int KEEP = 1 << 29;
constexpr int TILE_OF_STEP = KEEP - 1;
constexpr int NONE = -1;
constexpr int SETS = 3;                          // of a batch
constexpr int SUMS = 5;                          // of a set
constexpr int BINS = 256;
constexpr int CONSUMER_THREADS = CONSUMERS * WARPGROUP;
constexpr int CONSUMER_WARPS = CONSUMER_THREADS / 32;
constexpr int PIECES = OUTPUTS / 4 + 1;          // of what a thread keeps
constexpr int SUMS_BARRIER = 3;

struct Unit {
  int head;
  int queryTile;
};

__device__ __forceinline__ Unit unitAt(int unit, int heads, int queryTiles) {
  return {unit % heads, queryTiles - 1 - unit / heads};
}

struct UnitBarriers : Barriers {
  uint64_t queriesRead;
};

struct Sums {
  float ofWarp[2][CONSUMER_WARPS][SETS * SUMS];
};

__device__ __forceinline__ float sumOfRow(float value) {
  value += __shfl_xor_sync(~0u, value, 1);
  return value + __shfl_xor_sync(~0u, value, 2);
}

__device__ __forceinline__ float sumOfRows(float value) {
#pragma unroll
  for (int other = 4; other < 32; other *= 2) value += __shfl_xor_sync(~0u, value, other);
  return value;
}

__device__ __forceinline__ void meet() {
  asm volatile("bar.sync %0, %1;" ::"n"(SUMS_BARRIER), "n"(CONSUMER_THREADS) : "memory");
}

extern "C" __global__ void __launch_bounds__(THREADS, BLOCKS) span_scores_hopper(
    const __grid_constant__ TensorMap q,
    const __grid_constant__ TensorMap k,
    const __grid_constant__ TensorMap v,
    const __nv_bfloat16* __restrict__ gradient,
    const int4* __restrict__ programs,
    const int* __restrict__ steps,
    const int4* __restrict__ batches,
    const int* __restrict__ firstScore,
    float4* __restrict__ kept,
    float* __restrict__ sums,
    unsigned char* __restrict__ bins,
    float* __restrict__ squaredNorm,
    int places,
    int firstUnit,
    int units,
    int tokens,
    int heads,
    int kvHeads,
    int reach,
    float scaleLog2) {
  extern __shared__ __align__(1024) unsigned char shared[];
  unsigned char* const queries = shared;
  unsigned char* const keys = queries + TILE_BYTES;           // [STAGES]
  unsigned char* const values = keys + STAGES * TILE_BYTES;   // [STAGES]
  UnitBarriers* const barriers = reinterpret_cast<UnitBarriers*>(values + STAGES * TILE_BYTES);
  Sums* const warpSums = reinterpret_cast<Sums*>(barriers + 1);

  const int queryTiles = (tokens + TILE - 1) / TILE;

  if (threadIdx.x == 0) {
    initialize(barriers);
    initialize(&barriers->queriesRead, CONSUMERS * 4);
    asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory");
    asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
  }
  __syncthreads();

  if (threadIdx.x / WARPGROUP == CONSUMERS) {
    asm volatile("setmaxnreg.dec.sync.aligned.u32 %0;" ::"n"(PRODUCER_REGISTERS));
    if (threadIdx.x == CONSUMERS * WARPGROUP) {
      int tile = 0;  // over all units
      int round = 0;
      for (int nth = blockIdx.x; nth < units; nth += gridDim.x, round++) {
        const Unit unit = unitAt(firstUnit + nth, heads, queryTiles);
        const int keyMatrix = unit.head / (heads / kvHeads);
        const int firstStep = programs[nth].x;
        const int endStep = firstStep + programs[nth].y;
        if (round > 0) wait(&barriers->queriesRead, (round - 1) & 1);
        loadTile(queries, &q, &barriers->queries, unit.queryTile * TILE, unit.head);
        for (int step = firstStep; step < endStep; step++, tile++) {
          const int stage = tile % STAGES;
          const int freed = (tile / STAGES - 1) & 1;
          const int token = (steps[step] & TILE_OF_STEP) * TILE;
          if (tile >= STAGES) wait(&barriers->keysEmpty[stage], freed);
          loadTile(keys + stage * TILE_BYTES, &k, &barriers->keysFull[stage], token, keyMatrix);
          if (tile >= STAGES) wait(&barriers->valuesEmpty[stage], freed);
          loadTile(values + stage * TILE_BYTES, &v, &barriers->valuesFull[stage], token, keyMatrix);
        }
      }
    }
  } else {
    asm volatile("setmaxnreg.inc.sync.aligned.u32 %0;" ::"n"(CONSUMER_REGISTERS));
    const int group = threadIdx.x / WARPGROUP;
    const int warp = threadIdx.x / 32;
    const int lane = threadIdx.x % 32;
    const int rowOfTile = warp * 16 + lane / 4;  // and 8 rows below
    const unsigned char* const mine = queries + group * GROUP_ROWS * COLUMN * 2;
    float4* const keptHere = kept + (size_t)blockIdx.x * places * PIECES * CONSUMER_THREADS + threadIdx.x;
    auto pieceOf = [&](int place, int piece) { return keptHere + (place * PIECES + piece) * CONSUMER_THREADS; };
    auto release = [&](uint64_t* barrier) {
      if (lane == 0) arrive(barrier);
    };

    float output[OUTPUTS];
    int tile = 0;
    int round = 0;
    for (int nth = blockIdx.x; nth < units; nth += gridDim.x, round++) {
      const Unit unit = unitAt(firstUnit + nth, heads, queryTiles);
      const int firstQuery = unit.queryTile * TILE + rowOfTile;
      const int4 program = programs[nth];
      float maximum[2];  // of all keys, and their sum
      float sum[2];
      {
        float score[SCORES];
        uint32_t weight[SCORES / 2];
        float shrink[2];
        Softmax<true> softmax;
        int place = 0;
#pragma unroll
        for (int i = 0; i < OUTPUTS; i++) output[i] = 0;

        auto keepSoftmax = [&]() {
          *pieceOf(place, PIECES - 1) = make_float4(
              softmax.maximum[0], sumOfRow(softmax.sum[0]), softmax.maximum[1], sumOfRow(softmax.sum[1]));
        };
        auto keepOutput = [&]() {
#pragma unroll
          for (int i = 0; i < OUTPUTS; i += 4) {
            *pieceOf(place, i / 4) = make_float4(output[i], output[i + 1], output[i + 2], output[i + 3]);
          }
          place++;
        };
        auto weigh = [&](int step) {
          if (step & CLEAR) softmax = Softmax<true>();
          hide(score, step & TILE_OF_STEP, unit.queryTile, firstQuery, tokens, reach);
          softmax.weigh(score, scaleLog2, shrink);
          if (step & CLEAR) shrink[0] = shrink[1] = 0;
        };

        if (group == 1) passTurn(1);
        wait(&barriers->queries, round & 1);
        wait(&barriers->keysFull[tile % STAGES], tile / STAGES & 1);
        awaitTurn(group);
        scoreTile(score, mine, keys + tile % STAGES * TILE_BYTES);
        passTurn(group);
        waitForProducts<0>();
        fence(score);
        release(&barriers->keysEmpty[tile % STAGES]);
        int step = steps[program.x];
        weigh(step);
        packWeights(weight, score);
        for (int entry = 1; entry < program.y; entry++) {
          const int before = tile % STAGES;
          const int beforeFull = tile / STAGES & 1;
          tile++;
          const int stage = tile % STAGES;
          const bool keep = step & KEEP;
          step = steps[program.x + entry];
          wait(&barriers->keysFull[stage], tile / STAGES & 1);
          awaitTurn(group);
          scoreTile(score, mine, keys + stage * TILE_BYTES);
          wait(&barriers->valuesFull[before], beforeFull);
          addValues(output, weight, values + before * TILE_BYTES);
          passTurn(group);
          waitForProducts<1>();
          fence(score);
          release(&barriers->keysEmpty[stage]);
          if (keep) keepSoftmax();
          weigh(step);
          waitForProducts<0>();
          fence(output);
          release(&barriers->valuesEmpty[before]);
          if (keep) keepOutput();
#pragma unroll
          for (int i = 0; i < OUTPUTS; i++) output[i] *= shrink[i % 4 / 2];
          packWeights(weight, score);
        }
        release(&barriers->queriesRead);
        wait(&barriers->valuesFull[tile % STAGES], tile / STAGES & 1);
        addValues(output, weight, values + tile % STAGES * TILE_BYTES);
        // The first warpgroup was passed one turn more than it took.
        if (group == 0) awaitTurn(0);
        waitForProducts<0>();
        fence(output);
        release(&barriers->valuesEmpty[tile % STAGES]);
        tile++;
        if (step & KEEP) {
          keepSoftmax();
          keepOutput();
        }
#pragma unroll
        for (int half = 0; half < 2; half++) {
          maximum[half] = softmax.maximum[half];
          sum[half] = sumOfRow(softmax.sum[half]);
        }
      }

      // The output is the dense one now. Its gradient, two elements a register.
      uint32_t ofOutput[OUTPUTS / 2];
      float inverse[2];
      float norm = 0;
#pragma unroll
      for (int half = 0; half < 2; half++) {
        inverse[half] = sum[half] > 0 ? 1 / sum[half] : 0;
        const int token = firstQuery + half * 8;
        const __nv_bfloat16* const from = gradient + ((size_t)unit.head * tokens + token) * HEAD_DIM + lane % 4 * 2;
#pragma unroll
        for (int octet = 0; octet < HEAD_DIM / 8; octet++) {
          ofOutput[octet * 2 + half] =
              token < tokens ? *reinterpret_cast<const uint32_t*>(from + octet * 8) : 0;
#pragma unroll
          for (int e = 0; e < 2; e++) {
            float& o = output[octet * 4 + half * 2 + e];
            o *= inverse[half];
            norm = fmaf(o, token < tokens ? o : 0, norm);
          }
        }
      }
      norm = sumOfRows(sumOfRow(norm));
      if (lane == 0) warpSums->ofWarp[1][warp][0] = norm;
      meet();
      if (threadIdx.x == 0) {
        float all = 0;
        for (int of = 0; of < CONSUMER_WARPS; of++) all += warpSums->ofWarp[1][of][0];
        squaredNorm[nth] = all;
      }

      const size_t score0 = firstScore[nth];
      for (int at = 0; at < program.w; at++) {
        const int4 batch = batches[program.z + at];
        const int window = batch.x;
        const int first[SETS] = {batch.y, batch.z, batch.w};
        const float4 none = make_float4(LEAST, 0, LEAST, 0);
        const float4 zero = make_float4(0, 0, 0, 0);
        const float4 ofWindow = window == NONE ? none : *pieceOf(window, PIECES - 1);
        float ofWindowHalf[2][2] = {{ofWindow.x, ofWindow.y}, {ofWindow.z, ofWindow.w}};
        float windowFactor[SETS][2];
        float firstFactor[SETS][2];
        float share[SETS][2];
#pragma unroll
        for (int set = 0; set < SETS; set++) {
          const float4 ofFirst = first[set] == NONE ? none : *pieceOf(first[set], PIECES - 1);
          const float ofFirstHalf[2][2] = {{ofFirst.x, ofFirst.y}, {ofFirst.z, ofFirst.w}};
#pragma unroll
          for (int half = 0; half < 2; half++) {
            const float most = fmaxf(ofWindowHalf[half][0], ofFirstHalf[half][0]);
            const float w = exponential(ofWindowHalf[half][0] - most);
            const float f = exponential(ofFirstHalf[half][0] - most);
            const float both = fmaf(ofWindowHalf[half][1], w, ofFirstHalf[half][1] * f);
            const float inverseBoth = both > 0 ? 1 / both : 0;
            windowFactor[set][half] = w * inverseBoth;
            firstFactor[set][half] = f * inverseBoth;
            share[set][half] = fminf(1, both * exponential(most - maximum[half]) * inverse[half]);
          }
        }
        float error[SETS][2] = {};
        float change[SETS][2] = {};
#pragma unroll
        for (int octet = 0; octet < HEAD_DIM / 8; octet++) {
          const float4 w4 = window == NONE ? zero : *pieceOf(window, octet);
          const float w[4] = {w4.x, w4.y, w4.z, w4.w};
#pragma unroll
          for (int set = 0; set < SETS; set++) {
            const float4 f4 = first[set] == NONE ? zero : *pieceOf(first[set], octet);
            const float f[4] = {f4.x, f4.y, f4.z, f4.w};
#pragma unroll
            for (int e = 0; e < 4; e++) {
              const int half = e / 2;
              const uint32_t pair = ofOutput[octet * 2 + half];
              const float g = __uint_as_float(e % 2 ? pair & 0xffff0000 : pair << 16);
              const float difference = fmaf(
                  f[e], firstFactor[set][half], fmaf(w[e], windowFactor[set][half], -output[octet * 4 + e]));
              error[set][half] = fmaf(difference, difference, error[set][half]);
              change[set][half] = fmaf(difference, g, change[set][half]);
            }
          }
        }
        float* const mySums = warpSums->ofWarp[at % 2][warp];
        const size_t to = score0 + (size_t)at * SETS;
#pragma unroll
        for (int set = 0; set < SETS; set++) {
          float of[SUMS] = {};
#pragma unroll
          for (int half = 0; half < 2; half++) {
            const float errorOfRow = sumOfRow(error[set][half]);
            const float changeOfRow = sumOfRow(change[set][half]);
            if (firstQuery + half * 8 < tokens) {
              of[0] += share[set][half];
              of[1] += errorOfRow;
              of[2] += fabsf(changeOfRow);
              of[3] = fmaf(changeOfRow, changeOfRow, of[3]);
              of[4] += changeOfRow;
              if (lane % 4 == set) {
                bins[(to + set) * TILE + rowOfTile + half * 8] =
                    min(static_cast<int>(share[set][half] * BINS), BINS - 1);
              }
            }
          }
#pragma unroll
          for (int i = 0; i < SUMS; i++) {
            of[i] = sumOfRows(of[i]);
            if (lane == 0) mySums[set * SUMS + i] = of[i];
          }
        }
        meet();
        if (threadIdx.x < SETS * SUMS) {
          float all = 0;
          for (int from = 0; from < CONSUMER_WARPS; from++) all += warpSums->ofWarp[at % 2][from][threadIdx.x];
          sums[to * SUMS + threadIdx.x] = all;
        }
      }
      meet();
    }
  }
}
