package io.sparseplan.profiler.gpu;

import io.sparseplan.plans.BadInputException;
import java.util.List;
import java.util.function.ToLongFunction;

/** The inputs and outputs of prefills on the GPU, one after another in the same memory. */
public final class PrefillBuffers implements AutoCloseable {
  private final GpuBuffer queries;
  private final GpuBuffer keys;
  private final GpuBuffer values;
  private final GpuBuffer output;
  private final GpuBuffer logSumExp;

  private PrefillBuffers(GpuSession gpu, Sizes sizes) {
    this.queries = gpu.allocate("the queries", sizes.queryBytes);
    this.keys = gpu.allocate("the keys", sizes.keyBytes);
    this.values = gpu.allocate("the values", sizes.keyBytes);
    this.output = gpu.allocate("the output", sizes.queryBytes);
    this.logSumExp = gpu.allocate("the log-sum-exp", sizes.rowBytes);
  }

  /**
   * @param queryBytes of the queries, and of the output
   * @param keyBytes of the keys, and of the values
   * @param rowBytes of the log-sum-exp
   */
  private record Sizes(long queryBytes, long keyBytes, long rowBytes) {
    static Sizes of(List<PrefillShape> shapes) {
      return new Sizes(
          Short.BYTES * most(shapes, PrefillShape::queryElements),
          Short.BYTES * most(shapes, PrefillShape::keyElements),
          Float.BYTES * most(shapes, PrefillShape::queryRows));
    }

    private static long most(List<PrefillShape> shapes, ToLongFunction<PrefillShape> size) {
      return shapes.stream().mapToLong(size).max().orElseThrow();
    }

    long all() {
      return 2 * (queryBytes + keyBytes) + rowBytes;
    }
  }

  /** Bytes that a prefill's tensors take. */
  static long bytes(PrefillShape shape) {
    return Sizes.of(List.of(shape)).all();
  }

  /**
   * @param shapes each of which must fit, but not beside another
   * @throws BadInputException if the GPU's memory is too small for the largest
   */
  public static PrefillBuffers allocate(GpuSession gpu, List<PrefillShape> shapes) {
    Sizes sizes = Sizes.of(shapes);
    gpu.requireFree(
        shapes.size() == 1
            ? shapes.getFirst().toString()
            : "the largest of %d attention shapes".formatted(shapes.size()),
        sizes.all());
    return new PrefillBuffers(gpu, sizes);
  }

  public GpuBuffer queries() {
    return queries;
  }

  public GpuBuffer keys() {
    return keys;
  }

  public GpuBuffer values() {
    return values;
  }

  /** The attention output, bf16. */
  public GpuBuffer output() {
    return output;
  }

  /** For each row of q the natural log-sum-exp of its scores, float; −∞ where it sees no key. */
  public GpuBuffer logSumExp() {
    return logSumExp;
  }

  @Override
  public void close() {
    queries.close();
    keys.close();
    values.close();
    output.close();
    logSumExp.close();
  }
}
