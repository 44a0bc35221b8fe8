package io.sparseplan.profiler.gpu;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.JsonFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.tukaani.xz.XZInputStream;

/**
 * The compiled kernels that come with the program: {@code kernels.json} lists them, {@code
 * kernels.xz} holds them in that order. The Maven profile {@code cuda} makes both.
 */
final class KernelImages {
  /**
   * @param compiler that made the images
   */
  record Manifest(String compiler, List<KernelImage> images) {
    Manifest {
      images = List.copyOf(images);
    }
  }

  private final Manifest manifest;
  private final Map<String, byte[]> bytesOfName;

  private KernelImages(Manifest manifest, Map<String, byte[]> bytesOfName) {
    this.manifest = manifest;
    this.bytesOfName = bytesOfName;
  }

  static KernelImages shipped() {
    try (InputStream list = resource("kernels.json");
        InputStream images = new XZInputStream(resource("kernels.xz"))) {
      Manifest manifest = JsonFile.mapper().readValue(list, Manifest.class);
      Map<String, byte[]> bytes = new HashMap<>();
      for (KernelImage image : manifest.images()) {
        bytes.put(image.name(), images.readNBytes(image.bytes()));
      }
      if (images.read() >= 0) {
        throw new IllegalStateException("The kernels.xz holds more than kernels.json lists.");
      }
      return new KernelImages(manifest, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static InputStream resource(String name) {
    InputStream in = KernelImages.class.getResourceAsStream(name);
    if (in == null) {
      throw new IllegalStateException("The resource %s is not in the jar.".formatted(name));
    }
    return in;
  }

  Manifest manifest() {
    return manifest;
  }

  List<KernelImage> all() {
    return manifest.images();
  }

  /** The image itself: text of PTX, or machine code. */
  byte[] bytes(KernelImage image) {
    return bytesOfName.get(image.name()).clone();
  }

  /** Machine code for just this GPU where there is some, else PTX. */
  KernelImage best(KernelChoice choice, ComputeCapability capability) {
    return all().stream()
        .filter(choice::isOf)
        .filter(image -> image.target().runsOn(capability))
        .max((one, other) -> one.target().compareTo(other.target()))
        .orElseThrow(
            () ->
                new BadInputException(
                    "No kernel was compiled of %s with %s for compute capability %s."
                        .formatted(choice.source(), choice.defines(), capability),
                    "use a tile of 64 or 128 tokens and a head_dim of 64 or 128."));
  }
}
