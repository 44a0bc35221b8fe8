// Where the first blocks of a launch go: nvcc -arch=native -o first_blocks first_blocks.cu && ./first_blocks
// Prints, for grids of blocks of which a multiprocessor holds two or four, how many multiprocessors
// got one, two, ... blocks, and how far apart in launch order blocks of one multiprocessor are.
#include <cstdio>
#include <cstdlib>
#include <map>
#include <vector>

__global__ void wait_and_tell(unsigned* multiprocessor, long long nanos) {
  extern __shared__ char takes_room[];
  if (threadIdx.x == 0) {
    long long start, now;
    asm volatile("mov.u32 %0, %%smid;" : "=r"(multiprocessor[blockIdx.x]));
    asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(start));
    do {
      asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(now));
    } while (now - start < nanos);
  }
}

static void check(cudaError_t error) {
  if (error != cudaSuccess) {
    std::fprintf(stderr, "%s\n", cudaGetErrorString(error));
    std::exit(1);
  }
}

static void print(const char* what, const std::map<int, int>& counts) {
  std::printf("  %s:", what);
  for (auto [value, count] : counts) std::printf(" %d (%d times)", value, count);
  std::printf("\n");
}

int main() {
  cudaDeviceProp gpu;
  check(cudaGetDeviceProperties(&gpu, 0));
  std::printf("%s, %d multiprocessors\n", gpu.name, gpu.multiProcessorCount);
  for (int each : {2, 4}) {
    int shared = static_cast<int>(gpu.sharedMemPerMultiprocessor / each) - 4096;
    check(cudaFuncSetAttribute(wait_and_tell, cudaFuncAttributeMaxDynamicSharedMemorySize, shared));
    for (int blocks : {150, 200, 230, 256, 264, 400, 528}) {
      if (blocks > each * gpu.multiProcessorCount) continue;
      unsigned* on;
      check(cudaMallocManaged(&on, blocks * sizeof(unsigned)));
      for (int warm = 0; warm < 2; warm++) {
        wait_and_tell<<<blocks, 128, shared>>>(on, 200'000);
        check(cudaDeviceSynchronize());
      }
      std::map<unsigned, std::vector<int>> held;
      for (int block = 0; block < blocks; block++) held[on[block]].push_back(block);
      std::map<int, int> sizes, apart;
      for (auto& [id, of] : held) {
        sizes[of.size()]++;
        for (size_t i = 1; i < of.size(); i++) apart[of[i] - of[i - 1]]++;
      }
      std::printf("%d blocks, %d each:\n", blocks, each);
      print("blocks of a multiprocessor", sizes);
      print("apart", apart);
      check(cudaFree(on));
    }
  }
}
