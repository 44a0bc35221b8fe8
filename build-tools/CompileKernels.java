import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.file.Sha256;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.UnsupportedOptionsException;
import org.tukaani.xz.XZOutputStream;

/**
 * Compiles every GPU kernel with nvcc: {@code CompileKernels.java SOURCES RESOURCES}, with the
 * headers of the directory {@code cuda-include} beside the sources. Writes {@code kernels.xz}, the
 * compiled images one after another, which compress best together, and {@code kernels.json}, which
 * says what each was made of.
 */
final class CompileKernels {
  private static final Pattern HEADER = Pattern.compile("(?m)^#include \"(.+)\"$");

  /** One compilation of a source. */
  private record Variant(String source, Map<String, Integer> defines, String target) {
    String name() {
      var name = new StringBuilder(source.replace(".cu", ""));
      defines.forEach((define, value) -> name.append('-').append(value));
      return name.append(target.equals("compute_80") ? ".ptx" : ".cubin").toString();
    }

    List<String> options() {
      var options = new ArrayList<String>(List.of("-O3", "-std=c++17"));
      switch (target) {
        case "compute_80" -> options.addAll(List.of("-ptx", "-arch=compute_80"));
        case "sm_90a" -> options.addAll(List.of("-cubin", "-gencode=arch=compute_90a,code=sm_90a"));
        default -> throw new IllegalStateException(target);
      }
      defines.forEach((define, value) -> options.add("-D" + define + "=" + value));
      return options;
    }
  }

  private static List<Variant> variants() {
    var variants = new ArrayList<Variant>();
    for (int headDim : new int[] {64, 128}) {
      for (int tile : new int[] {64, 128}) {
        variants.add(
            new Variant(
                "block_sparse_prefill.cu",
                defines("HEAD_DIM", headDim, "TILE", tile),
                "compute_80"));
        for (String source : List.of("block_sparse_prefill_hopper.cu", "span_scores_hopper.cu")) {
          variants.add(new Variant(source, defines("HEAD_DIM", headDim, "TILE", tile), "sm_90a"));
        }
        for (String source : List.of("attention_backward.cu", "set_scores.cu")) {
          variants.add(
              new Variant(source, defines("HEAD_DIM", headDim, "TILE", tile), "compute_80"));
        }
      }
      for (String source : List.of("antidiagonal_sums.cu", "line_sums.cu")) {
        variants.add(new Variant(source, Map.of("HEAD_DIM", headDim), "compute_80"));
      }
      for (int group : new int[] {1, 2, 4}) {
        variants.add(
            new Variant(
                "split_decode.cu", defines("HEAD_DIM", headDim, "GROUP", group), "compute_80"));
      }
    }
    for (String source :
        List.of(
            "clock_probe.cu",
            "gather_heads.cu",
            "loss_gradient.cu",
            "matrix_multiply.cu",
            "pooled_scores.cu",
            "rms_norm.cu",
            "rms_norm_backward.cu",
            "rotate_heads.cu",
            "rotate_heads_backward.cu",
            "round_rows.cu",
            "split_heads.cu",
            "swiglu.cu",
            "swiglu_backward.cu",
            "token_scores.cu",
            "transpose.cu")) {
      variants.add(new Variant(source, Map.of(), "compute_80"));
    }
    // Texts beside texts and machine code beside machine code: each packs best with its like.
    variants.sort(Comparator.comparing(Variant::target).thenComparing(Variant::name));
    return variants;
  }

  /** Most of it is text: no position bits. */
  private static LZMA2Options packing() throws UnsupportedOptionsException {
    var options = new LZMA2Options(LZMA2Options.PRESET_MAX);
    options.setPb(0);
    options.setNiceLen(LZMA2Options.NICE_LEN_MAX);
    options.setDepthLimit(1000);
    return options;
  }

  private static Map<String, Integer> defines(String first, int value, String second, int other) {
    var defines = new LinkedHashMap<String, Integer>();
    defines.put(first, value);
    defines.put(second, other);
    return defines;
  }

  public static void main(String[] args) throws Exception {
    Path sources = Path.of(args[0]);
    Path resources = Path.of(args[1]);
    Path headers = sources.resolveSibling("cuda-include");
    var images = new ArrayList<Map<String, Object>>();
    var archive = new ByteArrayOutputStream();
    Path scratch = Files.createTempFile("kernel", ".image");
    try (var xz = new XZOutputStream(archive, packing())) {
      for (Variant variant : variants()) {
        Path source = sources.resolve(variant.source());
        compile(variant, source, headers, scratch);
        byte[] image = Files.readAllBytes(scratch);
        xz.write(image);
        var made = new LinkedHashMap<String, Object>();
        made.put("name", variant.name());
        made.put("source", variant.source());
        made.put("sourceSha256", Sha256.ofFile(source));
        made.put("headerSha256s", headersOf(source, headers));
        made.put("defines", variant.defines());
        made.put("target", variant.target());
        made.put("bytes", image.length);
        made.put("sha256", Sha256.of(image));
        images.add(made);
      }
    } finally {
      Files.delete(scratch);
    }
    Files.createDirectories(resources);
    Files.write(resources.resolve("kernels.xz"), archive.toByteArray());
    var manifest = new LinkedHashMap<String, Object>();
    manifest.put("compiler", compiler());
    manifest.put("images", images);
    JsonFile.write(resources.resolve("kernels.json"), manifest);
    System.out.printf("Kernels: %d images, %d bytes%n", images.size(), archive.size());
  }

  /** Every header that the source reads, one through another too, by its name. */
  private static Map<String, Sha256> headersOf(Path source, Path headers) throws IOException {
    var found = new TreeMap<String, Sha256>();
    Matcher header = HEADER.matcher(Files.readString(source));
    while (header.find()) {
      Path file = headers.resolve(header.group(1));
      found.put(header.group(1), Sha256.ofFile(file));
      found.putAll(headersOf(file, headers));
    }
    return found;
  }

  private static void compile(Variant variant, Path source, Path headers, Path image)
      throws Exception {
    var command = new ArrayList<String>(List.of("nvcc"));
    command.addAll(variant.options());
    command.addAll(List.of("-I", headers.toString(), source.toString(), "-o", image.toString()));
    run(command);
  }

  private static String compiler() throws Exception {
    return run(List.of("nvcc", "--version"))
        .lines()
        .filter(line -> line.contains("release"))
        .findFirst()
        .orElse("nvcc")
        .strip();
  }

  private static String run(List<String> command) throws Exception {
    Process process;
    try {
      process = new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException e) {
      throw new IllegalStateException(
          "nvcc cannot be run: " + e.getMessage() + "\nMaybe put the one of CUDA 13 on the PATH.",
          e);
    }
    String output = new String(process.getInputStream().readAllBytes());
    if (process.waitFor() != 0) {
      throw new IllegalStateException(String.join(" ", command) + " failed:\n" + output);
    }
    return output;
  }
}
