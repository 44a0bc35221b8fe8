package io.sparseplan.profiler.capture;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.file.Sha256;
import io.sparseplan.plans.geometry.Extents;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.TokenLayout;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.model.HeadAxis;
import io.sparseplan.plans.model.ModelIdentity;
import io.sparseplan.plans.model.Rope;
import io.sparseplan.plans.profile.Objective;
import io.sparseplan.plans.profile.PromptSet;
import io.sparseplan.plans.safetensors.SafetensorsFile;
import io.sparseplan.plans.safetensors.Tensor;
import io.sparseplan.plans.safetensors.TensorSource;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.kernel.Activations.TokenRows;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Queries, keys and values of a model that ran elsewhere: {@code capture.json}, and for each sample
 * and layer {@code SAMPLE/layer-N.safetensors}. docs/capture.md defines it.
 */
public final class CaptureDirectory {
  private static final String HEADER = "capture.json";
  private static final String GRADIENT = "output_gradient";

  /** Far beyond what float16 holds; squares of products of two are still floats. */
  private static final float LARGEST = 1e8f;

  private static final int MOST_TOKENS = 1 << 20;

  private final Path root;
  private final CaptureHeader header;
  private final List<CapturedSample> samples;

  private CaptureDirectory(Path root, CaptureHeader header, List<CapturedSample> samples) {
    this.root = root;
    this.header = header;
    this.samples = List.copyOf(samples);
  }

  /**
   * One sample.
   *
   * @param hash over the hashes of its layers' files
   */
  public record CapturedSample(String name, Sha256 hash, Tokens length, int answerTokens) {
    /** This sample as a member of a set. */
    public PromptSet.Member member() {
      return new PromptSet.Member(hash, length);
    }
  }

  /**
   * One layer of one sample.
   *
   * @param q rotated queries, {@code [token][head · headDim]}, tokens in the order asked for
   * @param k rotated keys, {@code [token][kvHead · headDim]}
   * @param v values, likewise
   * @param outputGradient ∂L/∂O, {@code [token][head · headDim]}; zeros where none was captured
   */
  public record CapturedLayer(
      Activations q, Activations k, Activations v, Activations outputGradient) {}

  /**
   * Reads the header and the shapes and hashes of all files.
   *
   * @throws BadInputException if something is missing or malformed
   */
  public static CaptureDirectory open(Path root) {
    CaptureHeader header =
        JsonFile.read(root.resolve(HEADER), CaptureHeader.class, "header of the capture");
    var samples = new ArrayList<CapturedSample>();
    for (CaptureHeader.Sample sample : header.samples()) {
      samples.add(opened(root, header, sample));
    }
    return new CaptureDirectory(root, header, samples);
  }

  private static CapturedSample opened(
      Path root, CaptureHeader header, CaptureHeader.Sample sample) {
    var hashes = new StringBuilder();
    int length = 0;
    for (int layer = 0; layer < header.model().layers().count(); layer++) {
      TensorSource source = source(root, sample.name(), layer);
      try (Arena arena = Arena.ofConfined()) {
        int tokens = tokens(source, SafetensorsFile.map(source, arena), header);
        if (layer > 0 && tokens != length) {
          throw source.malformed(
              "it has %d tokens and the layers before %d".formatted(tokens, length));
        }
        length = tokens;
        hashes.append(Sha256.ofFile(source.file()).hex()).append('\n');
      } catch (IOException e) {
        throw source.malformed("it cannot be read: " + e.getMessage());
      }
    }
    return new CapturedSample(
        sample.name(), Sha256.of(hashes.toString()), Tokens.of(length), sample.answerTokens());
  }

  private static TensorSource source(Path root, String sample, int layer) {
    Path file = root.resolve(sample).resolve("layer-%d.safetensors".formatted(layer));
    return new TensorSource(file, "captured layer", "capture the model again");
  }

  /** The tokens of a layer, all of whose tensors have the shapes that the header says. */
  private static int tokens(TensorSource source, SafetensorsFile file, CaptureHeader header) {
    AttentionShape shape = header.model().attention();
    Tensor q = file.tensor("q");
    if (q.shape().size() != 3 || q.shape().getFirst() < 2 || q.shape().getFirst() > MOST_TOKENS) {
      throw source.malformed(
          "its tensor q is %s; it must be [tokens, heads, headDim], 2 to %d tokens"
              .formatted(q.shape(), MOST_TOKENS));
    }
    long tokens = q.shape().getFirst();
    requireShape(source, q, tokens, shape.queryHeads().count(), shape);
    requireShape(source, file.tensor("k"), tokens, shape.kvHeads().count(), shape);
    requireShape(source, file.tensor("v"), tokens, shape.kvHeads().count(), shape);
    if (header.objective().isPresent()) {
      requireShape(source, file.tensor(GRADIENT), tokens, shape.queryHeads().count(), shape);
    } else if (file.names().contains(GRADIENT)) {
      throw source.malformed(
          "it has %s, and %s names no objective that it is of".formatted(GRADIENT, HEADER));
    }
    if (header.layout() instanceof CaptureLayout.Video video && tokens != video.tokens()) {
      throw source.malformed(
          "it has %d tokens; %s says that it is %s, %d tokens"
              .formatted(tokens, HEADER, video, video.tokens()));
    }
    return (int) tokens;
  }

  private static void requireShape(
      TensorSource source, Tensor tensor, long tokens, long heads, AttentionShape shape) {
    List<Long> expected = List.of(tokens, heads, (long) shape.headDim().count());
    if (!tensor.shape().equals(expected)) {
      throw source.malformed(
          "its tensor %s is %s; %s says %s"
              .formatted(tensor.name(), tensor.shape(), HEADER, expected));
    }
  }

  /** The model that was captured; its config is what the header says of it. */
  public ModelIdentity identity() {
    CaptureHeader.CapturedModel model = header.model();
    return new ModelIdentity(
        model.name(),
        model.architecture(),
        Sha256.of(JsonFile.mapper().writeValueAsString(model)),
        model.weights(),
        model.layers(),
        model.attention(),
        new Rope(model.ropeTheta()),
        HeadAxis.QUERY_HEAD);
  }

  /** Whose gradients were captured. */
  public Objective objective() {
    return header.objective().orElse(Objective.NONE);
  }

  /**
   * The order in which tokens are cut into tiles.
   *
   * @param block of a video; empty for the usual one
   * @throws BadInputException if the block does not fit what was captured
   */
  public TokenLayout layout(TileSize tile, Optional<Extents> block) {
    return header.layout().tokens(tile, block);
  }

  /** All samples, in the order of the header. */
  public List<CapturedSample> samples() {
    return samples;
  }

  /**
   * Reads a layer.
   *
   * @param layout the order to read tokens in
   * @throws BadInputException if a value is not finite, or so large that sums of products are not
   */
  public CapturedLayer layer(CapturedSample sample, int layer, TokenLayout layout) {
    TensorSource source = source(root, sample.name(), layer);
    try (Arena arena = Arena.ofConfined()) {
      SafetensorsFile file = SafetensorsFile.map(source, arena);
      if (tokens(source, file, header) != sample.length().count()) {
        throw source.malformed("it changed while it was profiled");
      }
      return new CapturedLayer(
          rows(source, file, "q", layout),
          rows(source, file, "k", layout),
          rows(source, file, "v", layout),
          header.objective().isPresent()
              ? rows(source, file, GRADIENT, layout)
              : new Activations(
                  new TokenRows(sample.length().count()), header.model().attention().queryWidth()));
    }
  }

  private Activations rows(
      TensorSource source, SafetensorsFile file, String name, TokenLayout layout) {
    Tensor tensor = file.tensor(name);
    int tokens = (int) (long) tensor.shape().getFirst();
    int width = (int) (tensor.shape().get(1) * tensor.shape().get(2));
    var rows = new Activations(new TokenRows(tokens), width);
    for (int token = 0; token < tokens; token++) {
      long from = header.layout().captured(token, layout);
      tensor.copyFloats(from * width, width, rows.data(), rows.at(token));
    }
    for (float value : rows.data()) {
      if (Math.abs(value) > LARGEST) {
        throw source.malformed(
            "%s holds %s; attention is not computed with values past %s"
                .formatted(name, value, LARGEST));
      }
    }
    return rows;
  }
}
