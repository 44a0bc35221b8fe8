package io.sparseplan.profiler.gpu;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import jcuda.Pointer;

/**
 * What Hopper's copy engine must know of a tensor [matrices][rows][elements] of bf16 to copy boxes
 * of 64 elements and some rows, pieces permuted as wgmma reads them. Rows outside are read as zeros
 * and not written.
 *
 * <p>JCuda does not bind {@code cuTensorMapEncodeTiled}, so it is called through {@code
 * java.lang.foreign}.
 */
final class TensorMap {
  private static final int MAP_LONGS = 16;
  private static final int MAP_ALIGNMENT_BYTES = 64;
  private static final int RANK = 3;
  private static final int BOX_ELEMENTS = 64;

  // Of the enumerations in cuda.h.
  private static final int BFLOAT16 = 9;
  private static final int NOT_INTERLEAVED = 0;
  private static final int SWIZZLE_128_BYTES = 3;
  private static final int PROMOTE_TO_256_BYTES = 3;
  private static final int FILL_WITH_ZEROS = 0;

  private final long[] map;

  private TensorMap(long[] map) {
    this.map = map;
  }

  /**
   * @param matrices prompts · heads
   * @param rows tokens
   * @param elements head_dim, a multiple of 64
   * @param boxRows rows that are copied at once, up to 256
   */
  record Layout(long matrices, long rows, int elements, int boxRows) {}

  static TensorMap of(GpuBuffer buffer, Layout layout) {
    long rowBytes = (long) Short.BYTES * layout.elements;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment map = arena.allocate((long) Long.BYTES * MAP_LONGS, MAP_ALIGNMENT_BYTES);
      int result =
          (int)
              Encoder.ENCODE_TILED.invokeExact(
                  map,
                  BFLOAT16,
                  RANK,
                  MemorySegment.ofAddress(buffer.address().value()),
                  arena.allocateFrom(JAVA_LONG, layout.elements, layout.rows, layout.matrices),
                  arena.allocateFrom(JAVA_LONG, rowBytes, rowBytes * layout.rows),
                  arena.allocateFrom(JAVA_INT, BOX_ELEMENTS, layout.boxRows, 1),
                  arena.allocateFrom(JAVA_INT, 1, 1, 1),
                  NOT_INTERLEAVED,
                  SWIZZLE_128_BYTES,
                  PROMOTE_TO_256_BYTES,
                  FILL_WITH_ZEROS);
      Cuda.check(result, "cuTensorMapEncodeTiled");
      return new TensorMap(map.toArray(JAVA_LONG));
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  /** The map as an argument of a kernel, by value. */
  Pointer argument() {
    return Pointer.to(map);
  }

  /** Looked up at first use, for a driver is not everywhere. */
  private static final class Encoder {
    private static final MethodHandle ENCODE_TILED =
        Linker.nativeLinker()
            .downcallHandle(
                SymbolLookup.libraryLookup("libcuda.so.1", Arena.global())
                    .findOrThrow("cuTensorMapEncodeTiled"),
                FunctionDescriptor.of(
                    JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS,
                    ADDRESS, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
  }
}
