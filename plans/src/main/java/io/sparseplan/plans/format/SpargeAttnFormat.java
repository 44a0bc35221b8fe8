package io.sparseplan.plans.format;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.Sha256;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.model.HeadAxis;
import io.sparseplan.plans.model.ModelIdentity;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.pattern.SimilarityTopP;
import io.sparseplan.plans.plan.HeadPlan;
import io.sparseplan.plans.plan.ImportedFrom;
import io.sparseplan.plans.plan.PlannedHead;
import io.sparseplan.plans.safetensors.Dtype;
import io.sparseplan.plans.safetensors.SafetensorsFile;
import io.sparseplan.plans.safetensors.SafetensorsWriter;
import io.sparseplan.plans.safetensors.Tensor;
import io.sparseplan.plans.safetensors.TensorSource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.stream.IntStream;

/**
 * SpargeAttn's state dictionary: for each attention module five tensors of one value a head, {@code
 * MODULE.inner_attention.is_sparse} and so on. The project saves it as a pickle; here it is the
 * same dictionary as safetensors ({@code safetensors.torch.save_file}).
 */
final class SpargeAttnFormat implements PlanFormat {
  private static final java.util.regex.Pattern KEY =
      java.util.regex.Pattern.compile(
          "(.*?\\.(\\d{1,5})\\..*?inner_attention|inner_attention)\\.(\\w+)");
  private static final String IS_SPARSE = "is_sparse";
  private static final Map<String, ToDoubleFunction<SimilarityTopP>> THRESHOLDS = thresholds();

  private static Map<String, ToDoubleFunction<SimilarityTopP>> thresholds() {
    var thresholds = new TreeMap<String, ToDoubleFunction<SimilarityTopP>>();
    thresholds.put("cdfthreshd", SimilarityTopP::coverage);
    thresholds.put("simthreshd1", SimilarityTopP::likeness);
    thresholds.put("simthreshd2", SimilarityTopP::valueLikeness);
    thresholds.put("pvthreshd", SimilarityTopP::valueGap);
    return thresholds;
  }

  /** What the tuner writes for a head that it leaves dense; nobody reads it. */
  private static final SimilarityTopP OF_DENSE = new SimilarityTopP(1, 1, 0, 50);

  @Override
  public String name() {
    return "spargeattn";
  }

  @Override
  public String system() {
    return "SpargeAttn";
  }

  @Override
  public String file() {
    return "safetensors of MODULE.inner_attention.{is_sparse,cdfthreshd,simthreshd1,simthreshd2,pvthreshd}";
  }

  @Override
  public String loses() {
    return "thresholds of heads that are not sparse, which nobody reads";
  }

  @Override
  public boolean recognises(PeerSource source) {
    return source.mainName().endsWith(".safetensors")
        && file(source).names().stream().anyMatch(name -> name.endsWith("." + IS_SPARSE));
  }

  private static SafetensorsFile file(PeerSource source) {
    return SafetensorsFile.of(
        new TensorSource(Path.of(source.path()), "file of thresholds", "convert it again"),
        source.main());
  }

  /** The modules by the number in their name, which is their layer's. */
  private static TreeMap<Integer, String> modules(PeerSource source) {
    var modules = new TreeMap<Integer, String>();
    for (String name : file(source).names()) {
      Matcher key = KEY.matcher(name);
      if (!key.matches()
          || !key.group(3).equals(IS_SPARSE) && !THRESHOLDS.containsKey(key.group(3))) {
        throw new BadInputException(
            "The tensor %s of the file (%s) is none of MODULE.inner_attention's five."
                .formatted(name, source.path()),
            "it is of another format.");
      }
      int layer = key.group(2) == null ? 0 : Integer.parseInt(key.group(2));
      String before = modules.put(layer, key.group(1));
      if (before != null && !before.equals(key.group(1))) {
        throw new BadInputException(
            "The modules %s and %s of the file (%s) are both of layer %d."
                .formatted(before, key.group(1), source.path(), layer),
            "convert one attention of each layer.");
      }
    }
    return modules;
  }

  @Override
  public FileShape shape(PeerSource source) {
    TreeMap<Integer, String> modules = modules(source);
    Tensor first = file(source).tensor(modules.firstEntry().getValue() + "." + IS_SPARSE);
    return FileShape.of(modules.size(), Math.toIntExact(first.elements()));
  }

  /** The names of the modules, which the tensors' values do not tell. */
  @Override
  public ImportedFrom kept(PeerSource source) {
    return new ImportedFrom(
        name(),
        List.of(
            new ImportedFrom.Part(
                source.mainName(),
                Sha256.of(source.main()),
                String.join("\n", modules(source).values()))));
  }

  @Override
  public ImportedHeads read(PeerSource source, ModelIdentity model, ImportOptions options) {
    TreeMap<Integer, String> modules = modules(source);
    int layers = model.layers().count();
    if (!modules.keySet().equals(new TreeSet<>(IntStream.range(0, layers).boxed().toList()))) {
      throw new BadInputException(
          "The file (%s) has modules of the layers %s; the model %s has %d layers from 0 on."
              .formatted(source.path(), modules.keySet(), model.name(), layers),
          "it is of another model.");
    }
    SafetensorsFile file = file(source);
    var rules = new ArrayList<List<Pattern>>();
    for (String module : modules.values()) {
      rules.add(rules(file, module, model));
    }
    return new ImportedHeads(
        TileSize.DEFAULT,
        HeadAxis.QUERY_HEAD,
        ImportedHeads.each(
            model,
            id -> {
              Pattern rule = rules.get(id.layer().value()).get(id.head().value());
              return ImportedHeads.Rule.both(
                  rule,
                  rule instanceof Dense ? "The head is not sparse." : "The tuned thresholds.");
            }),
        List.of());
  }

  private static List<Pattern> rules(SafetensorsFile file, String module, ModelIdentity model) {
    boolean[] sparse = checked(file, module, IS_SPARSE, model).toFlags();
    var values = new TreeMap<String, float[]>();
    THRESHOLDS
        .keySet()
        .forEach(name -> values.put(name, checked(file, module, name, model).toFloats()));
    var rules = new ArrayList<Pattern>();
    for (int head = 0; head < sparse.length; head++) {
      try {
        rules.add(
            sparse[head]
                ? new SimilarityTopP(
                    shortest(values.get("cdfthreshd")[head]),
                    shortest(values.get("simthreshd1")[head]),
                    shortest(values.get("simthreshd2")[head]),
                    shortest(values.get("pvthreshd")[head]))
                : new Dense());
      } catch (IllegalArgumentException e) {
        throw new BadInputException(
            "The thresholds of head %d of %s are not valid: %s"
                .formatted(head, module, e.getMessage()),
            "tune it again.",
            e);
      }
    }
    return rules;
  }

  /** The double that prints as the float does, so that 0.9f is 0.9. */
  private static double shortest(float value) {
    return Double.parseDouble(Float.toString(value));
  }

  private static Tensor checked(
      SafetensorsFile file, String module, String name, ModelIdentity model) {
    Tensor tensor = file.tensor(module + "." + name);
    int heads = model.attention().queryHeads().count();
    if (tensor.elements() != heads) {
      throw new BadInputException(
          "The tensor %s of %s has %d values; the model %s has %d heads a layer."
              .formatted(tensor.name(), file.file(), tensor.elements(), model.name(), heads),
          "it is of another model.");
    }
    return tensor;
  }

  @Override
  public Exported write(HeadPlan plan) {
    var grid = new HeadGrid(plan, name());
    Optional<List<String>> names =
        grid.kept().map(kept -> new String(kept.main()).lines().toList());
    var parts = new ArrayList<SafetensorsWriter.Part>();
    for (List<PlannedHead> layer : grid.layers()) {
      int index = layer.getFirst().layer().value();
      String module =
          names
              .map(kept -> kept.get(index))
              .orElse("model.layers.%d.self_attn.inner_attention".formatted(index));
      List<Long> shape = List.of((long) layer.size());
      byte[] sparse = new byte[layer.size()];
      for (int head = 0; head < sparse.length; head++) {
        sparse[head] = (byte) (rule(grid, layer.get(head)).isPresent() ? 1 : 0);
      }
      parts.add(new SafetensorsWriter.Part(module + "." + IS_SPARSE, Dtype.BOOL, shape, sparse));
      THRESHOLDS.forEach(
          (name, value) -> {
            ByteBuffer bytes =
                ByteBuffer.allocate(Float.BYTES * layer.size()).order(ByteOrder.LITTLE_ENDIAN);
            layer.forEach(
                head ->
                    bytes.putFloat((float) value.applyAsDouble(rule(grid, head).orElse(OF_DENSE))));
            parts.add(
                new SafetensorsWriter.Part(module + "." + name, Dtype.F32, shape, bytes.array()));
          });
    }
    return new Exported(
        Map.of("sparge.safetensors", bytes(Map.of("format", "pt"), parts)), List.of());
  }

  private static Optional<SimilarityTopP> rule(HeadGrid grid, PlannedHead head) {
    return switch (grid.inBothPhases(head)) {
      case Dense() -> Optional.empty();
      case SimilarityTopP rule -> Optional.of(rule);
      case Pattern other -> throw grid.refuse(head, other);
    };
  }

  /** A safetensors file of the parts. */
  static byte[] bytes(Map<String, String> metadata, List<SafetensorsWriter.Part> parts) {
    var out = new ByteArrayOutputStream();
    try {
      SafetensorsWriter.write(out, metadata, parts);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }
}
