package io.sparseplan.cli;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.file.Run;
import io.sparseplan.plans.file.Sha256;
import io.sparseplan.plans.format.FileCheck;
import io.sparseplan.plans.format.Format;
import io.sparseplan.plans.format.Formats;
import io.sparseplan.plans.format.ImportOptions;
import io.sparseplan.plans.format.ImportOptions.Heavy;
import io.sparseplan.plans.format.ImportOptions.Projection;
import io.sparseplan.plans.format.PeerImport;
import io.sparseplan.plans.format.PeerSource;
import io.sparseplan.plans.format.PlanFormat;
import io.sparseplan.plans.format.ScorePlan;
import io.sparseplan.plans.format.ScoresFormat;
import io.sparseplan.plans.format.VideoFormat;
import io.sparseplan.plans.format.VideoTarget;
import io.sparseplan.plans.geometry.Extents;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.geometry.VideoLayout;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.model.HeadAxis;
import io.sparseplan.plans.model.HeadDim;
import io.sparseplan.plans.model.KvHeads;
import io.sparseplan.plans.model.LayerCount;
import io.sparseplan.plans.model.ModelDescription;
import io.sparseplan.plans.model.ModelIdentity;
import io.sparseplan.plans.model.QueryHeads;
import io.sparseplan.plans.model.Rope;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads a peer's file as {@code import} does, for a model of two layers, four query heads and two
 * KV heads, and as {@code show formats DIR} does, for a model of the file's own shape. A file that
 * another belongs beside is given as one: a line {@code =====} stands between them.
 */
record Importer(Format format) implements Intake {
  private static final String BETWEEN_FILES = "=====\n";

  private static final ModelIdentity MODEL =
      new ModelIdentity(
          "small",
          "LlamaForCausalLM",
          Sha256.of("config"),
          Sha256.of("weights"),
          new LayerCount(2),
          new AttentionShape(new QueryHeads(4), new KvHeads(2), new HeadDim(4)),
          new Rope(10_000),
          List.of(),
          HeadAxis.QUERY_HEAD);

  private static final ModelDescription DESCRIBED = new ModelDescription(MODEL, List.of());
  private static final Extents VIDEO = new Extents(12, 24, 24);
  private static final Run RUN = new Run("", "", 1, 0, "");

  private static final ImportOptions OPTIONS =
      ImportOptions.NONE
          .withStride(16)
          .withHeavy(new Heavy(Projection.K, 2, Tokens.of(512)))
          .withSparsity(0.5)
          .withSpan(Tokens.of(64), Tokens.of(256));

  @Override
  public String name() {
    return format.name();
  }

  @Override
  public byte[] seed() throws IOException {
    return Intake.stored("import/" + name());
  }

  @Override
  public void read(byte[] bytes, Path directory) {
    PeerSource source = source(bytes);
    Formats.recognising(source);
    checkOwnShape(source);
    switch (format) {
      case PlanFormat plan ->
          write(
              PeerImport.plan(
                  plan.read(source, MODEL, OPTIONS),
                  plan.kept(source),
                  DESCRIBED,
                  Optional.empty(),
                  RUN));
      case ScoresFormat scores -> {
        var read = scores.read(source, MODEL);
        write(PeerImport.scores(read, scores.kept(source), DESCRIBED, RUN));
        ScorePlan.of(read, MODEL, OPTIONS);
      }
      case VideoFormat videos ->
          write(
              PeerImport.plan(
                  videos.read(
                      source,
                      new VideoTarget(
                          new VideoLayout(VIDEO, Tokens.of(0), VIDEO.atMost(videos.block())),
                          MODEL.layers(),
                          new QueryHeads(1),
                          videos.saysSteps() ? Optional.empty() : Optional.of(5))),
                  videos.kept(source),
                  new ModelDescription(
                      new ModelIdentity(
                          MODEL.name(),
                          MODEL.architecture(),
                          MODEL.config(),
                          MODEL.weights(),
                          MODEL.layers(),
                          new AttentionShape(new QueryHeads(1), new KvHeads(1), new HeadDim(4)),
                          MODEL.rope(),
                          List.of(),
                          HeadAxis.QUERY_HEAD),
                      List.of()),
                  RUN));
      case io.sparseplan.plans.format.KernelFormat kernel ->
          throw new IllegalArgumentException(kernel.name() + " is not read.");
    }
  }

  private void checkOwnShape(PeerSource source) {
    try {
      FileCheck.of(format, source);
    } catch (BadInputException e) {
      // The model that it is then read for may fit it where its own shape does not.
      return;
    }
  }

  /** What is read can be written. */
  private static void write(Object file) {
    JsonFile.pretty(file);
  }

  private PeerSource source(byte[] bytes) {
    return new PeerSource(mainName(), parts(bytes));
  }

  /** What the file that the user names is called. */
  String mainName() {
    List<String> names = format.fileNames();
    return switch (name()) {
      case "xattention" -> "thresholds.py";
      case "spargeattn" -> "sparge.safetensors";
      case "radial", "svg" -> "script.flags";
      default -> names.isEmpty() ? "file.json" : names.getFirst();
    };
  }

  /** The files by their names, that one first. */
  Map<String, byte[]> parts(byte[] bytes) {
    List<String> names = format.fileNames();
    var parts = new LinkedHashMap<String, byte[]>();
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    int between = names.size() < 2 ? -1 : text.indexOf(BETWEEN_FILES);
    if (between < 0) {
      parts.put(mainName(), bytes);
    } else {
      parts.put(mainName(), text.substring(0, between).getBytes(StandardCharsets.ISO_8859_1));
      parts.put(
          names.get(1),
          text.substring(between + BETWEEN_FILES.length()).getBytes(StandardCharsets.ISO_8859_1));
    }
    return parts;
  }
}
