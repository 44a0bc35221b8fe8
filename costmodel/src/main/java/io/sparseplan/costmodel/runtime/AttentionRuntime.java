package io.sparseplan.costmodel.runtime;

import io.sparseplan.costmodel.NameOrFile;
import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.file.SchemaVersion;
import io.sparseplan.plans.file.Sha256;
import io.sparseplan.plans.model.HeadAxis;
import io.sparseplan.plans.plan.MaxPatterns;
import io.sparseplan.plans.plan.Rules;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * How a program runs a plan on top of its kernels: the third layer of what a price is made of,
 * after the GPU and the kernel on it.
 *
 * @param source where all this is known from, in a sentence
 * @param kernels block-sparse kernels that it runs, as device tables name them
 * @param maskAxis what has a mask of its own: where that is a KV head, its query heads visit the
 *     union of their tiles
 * @param maxPatternsPerLayer what it takes, where it takes only so many
 * @param denseKernels dense kernels that it can run instead, as device tables name them: heads that
 *     run dense in a launch of their own, and layers that are slower sparse, run on the fastest
 * @param selection what choosing tiles at run time costs beside the rule's own work
 * @param tokenPermutation where tokens of a bidirectional layout are laid out anew for each layer
 */
public record AttentionRuntime(
    SchemaVersion schemaVersion,
    String name,
    String source,
    List<String> kernels,
    HeadAxis maskAxis,
    Optional<MaxPatterns> maxPatternsPerLayer,
    Launches launches,
    HeadOrder headOrder,
    List<String> denseKernels,
    Selection selection,
    Optional<TokenPermutation> tokenPermutation) {
  /** The kernel of the device table and nothing else: one launch a layer, as it was measured. */
  public static final AttentionRuntime KERNEL_ALONE =
      new AttentionRuntime(
          SchemaVersion.CURRENT,
          "kernel-alone",
          "The kernel of the device table as it was measured: all heads of a layer in one launch.",
          List.of(),
          HeadAxis.QUERY_HEAD,
          Optional.empty(),
          Launches.PER_LAYER,
          HeadOrder.MODEL,
          List.of(),
          new Selection(0, 0, 0, "Nothing but the rule's own work."),
          Optional.empty());

  private static final List<String> SHIPPED =
      List.of(
          "flex-attention",
          "flashinfer",
          "moa",
          "duo-attention",
          "minference",
          "xattention",
          "sparse-vdit",
          "sliding-tile",
          "natten",
          "sparseplan");

  public AttentionRuntime {
    kernels = List.copyOf(kernels);
    denseKernels = List.copyOf(denseKernels);
    if (name.isBlank()) {
      throw new IllegalArgumentException("The runtime has no name.");
    }
  }

  /** The names of the runtimes that come with the program. */
  public static List<String> shippedNames() {
    return SHIPPED;
  }

  /**
   * The shipped runtime of this name, else the one in this file.
   *
   * @throws BadInputException if it is neither, or the file is no runtime
   */
  public static AttentionRuntime resolve(String nameOrFile) {
    if (SHIPPED.contains(nameOrFile)) {
      return shipped(nameOrFile);
    }
    if (!NameOrFile.isFile(nameOrFile)) {
      throw new BadInputException(
          "The target (%s) is neither a shipped runtime (%s) nor a file."
              .formatted(nameOrFile, String.join(", ", SHIPPED)),
          "name one of those, or check the path of the file.");
    }
    return JsonFile.read(Path.of(nameOrFile), AttentionRuntime.class, "runtime");
  }

  /** The SHA-256 of the runtime as JSON on one line, properties in the order of the records. */
  public Sha256 sha256() {
    return Sha256.of(JsonFile.mapper().writeValueAsBytes(this));
  }

  /** The rules that a plan for this runtime keeps to, unless others are asked for. */
  public Rules rules() {
    Rules rules = Rules.NONE.withGranularity(maskAxis);
    return maxPatternsPerLayer.map(rules::withMaxPatternsPerLayer).orElse(rules);
  }

  private static AttentionRuntime shipped(String name) {
    return NameOrFile.shipped("runtimes/" + name + ".json", AttentionRuntime.class);
  }
}
