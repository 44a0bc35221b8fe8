package io.sparseplan.profiler.gpu;

import io.sparseplan.plans.BadInputException;
import java.util.ArrayList;
import java.util.List;
import jcuda.Pointer;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/**
 * Page-locked memory of the host, from and to which a GPU copies at the full speed of its link.
 * JCuda locks less than 2 GiB at a time, so it is made of pieces.
 */
final class HostBuffer implements AutoCloseable {
  private static final long PIECE_BYTES = 1L << 30;

  private final long bytes;
  private final List<Pointer> pieces = new ArrayList<>();

  private HostBuffer(long bytes) {
    this.bytes = bytes;
  }

  /**
   * @param what it is for, for messages
   * @throws BadInputException if there is not enough; it says how much was needed
   */
  static HostBuffer allocate(String what, long bytes) {
    var buffer = new HostBuffer(bytes);
    for (long done = 0; done < bytes; done += PIECE_BYTES) {
      var piece = new Pointer();
      int result = JCudaDriver.cuMemAllocHost(piece, Math.min(PIECE_BYTES, bytes - done));
      if (result == CUresult.CUDA_ERROR_OUT_OF_MEMORY) {
        buffer.close();
        throw new BadInputException(
            "The host cannot lock %d MiB of its memory for %s.".formatted((bytes >> 20) + 1, what),
            "leave out long prompts with --lengths, or use a machine with more memory.");
      }
      Cuda.check(result, "cuMemAllocHost");
      buffer.pieces.add(piece);
    }
    return buffer;
  }

  /** Copies the whole of a buffer of the same size. Waits for earlier launches. */
  void copyOf(GpuBuffer source) {
    forEachPiece(
        source,
        (piece, first, length) ->
            Cuda.check(
                JCudaDriver.cuMemcpyDtoH(piece, source.address().withByteOffset(first), length),
                "cuMemcpyDtoH"));
  }

  /** Copies the whole of it to a buffer of the same size. */
  void copyTo(GpuBuffer target) {
    forEachPiece(
        target,
        (piece, first, length) ->
            Cuda.check(
                JCudaDriver.cuMemcpyHtoD(target.address().withByteOffset(first), piece, length),
                "cuMemcpyHtoD"));
  }

  @FunctionalInterface
  private interface Copy {
    void run(Pointer piece, long firstByte, long length);
  }

  private void forEachPiece(GpuBuffer other, Copy copy) {
    if (other.bytes() != bytes) {
      throw new IllegalArgumentException(
          "A buffer of %d bytes is no copy of one of %d.".formatted(other.bytes(), bytes));
    }
    for (int nth = 0; nth < pieces.size(); nth++) {
      long first = nth * PIECE_BYTES;
      copy.run(pieces.get(nth), first, Math.min(PIECE_BYTES, bytes - first));
    }
  }

  @Override
  public void close() {
    pieces.forEach(piece -> Cuda.check(JCudaDriver.cuMemFreeHost(piece), "cuMemFreeHost"));
  }
}
