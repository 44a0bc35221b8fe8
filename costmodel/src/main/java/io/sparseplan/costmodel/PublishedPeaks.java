package io.sparseplan.costmodel;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Optional;

/**
 * What its maker says that a GPU can do at most.
 *
 * @param gpu as its driver names it
 * @param multiprocessors its SMs
 * @param denseBf16TeraflopsPerSecond of the tensor cores, bf16 with float32 sums, without sparsity
 * @param memoryGigabytesPerSecond bandwidth of its memory
 * @param cacheMegabytes size of its second-level cache
 * @param source the document that says so
 */
public record PublishedPeaks(
    String gpu,
    int multiprocessors,
    @JsonProperty("denseBf16TeraflopsPerSecond") double denseBf16Teraflops,
    double memoryGigabytesPerSecond,
    double cacheMegabytes,
    String source) {
  private static final List<PublishedPeaks> KNOWN =
      List.of(
          new PublishedPeaks(
              "NVIDIA H100 80GB HBM3",
              132,
              989.4,
              3352,
              50,
              "NVIDIA H100 Tensor Core GPU Datasheet, SXM5 (with sparsity: 1,979 TFLOPS);"
                  + " NVIDIA H100 Tensor Core GPU Architecture whitepaper for SMs and cache"),
          new PublishedPeaks(
              "NVIDIA H200",
              132,
              989.4,
              4800,
              50,
              "NVIDIA H200 Tensor Core GPU Datasheet, SXM (with sparsity: 1,979 TFLOPS); the SMs and"
                  + " the cache of the H100, whose chip it has"),
          new PublishedPeaks(
              "NVIDIA A100-SXM4-80GB",
              108,
              312,
              2039,
              40,
              "NVIDIA A100 Tensor Core GPU Datasheet, 80GB SXM; NVIDIA A100 Tensor Core GPU"
                  + " Architecture whitepaper for SMs and cache"),
          new PublishedPeaks(
              "NVIDIA L40S",
              142,
              362.05,
              864,
              96,
              "NVIDIA L40S Datasheet; 142 RT cores, one each SM, for the SMs; NVIDIA Ada GPU"
                  + " Architecture whitepaper for the cache of its chip, AD102"),
          new PublishedPeaks(
              "NVIDIA GeForce RTX 4090",
              128,
              165.2,
              1008,
              72,
              "NVIDIA Ada GPU Architecture whitepaper, appendix A (bf16 with FP32 accumulate)"),
          new PublishedPeaks(
              "NVIDIA B200",
              148,
              2250,
              8000,
              126,
              "NVIDIA Blackwell Datasheet, HGX B200 (with sparsity: 4.5 PFLOPS each GPU); NVIDIA"
                  + " CUDA device properties for SMs and cache"));

  public PublishedPeaks {
    if (multiprocessors < 1 || !(denseBf16Teraflops > 0) || !(memoryGigabytesPerSecond > 0)) {
      throw new IllegalArgumentException(
          "The peaks of %s (%d SMs, %s TFLOP/s, %s GB/s) must be positive."
              .formatted(gpu, multiprocessors, denseBf16Teraflops, memoryGigabytesPerSecond));
    }
  }

  /** Of the GPU that its driver calls so, where they are known. */
  public static Optional<PublishedPeaks> of(String gpu) {
    return KNOWN.stream().filter(peaks -> peaks.gpu.equals(gpu)).findFirst();
  }

  /**
   * Whether as many multiprocessors compute as fast: whether it is the same chip but for memory.
   */
  public boolean hasMultiprocessorsOf(PublishedPeaks other) {
    return multiprocessors == other.multiprocessors
        && denseBf16Teraflops == other.denseBf16Teraflops;
  }

  /** Tensor rate of one multiprocessor, in TFLOP/s. */
  double teraflopsEach() {
    return denseBf16Teraflops / multiprocessors;
  }

  /** One multiprocessor's share of the memory's bandwidth, in GB/s. */
  double gigabytesPerSecondEach() {
    return memoryGigabytesPerSecond / multiprocessors;
  }
}
