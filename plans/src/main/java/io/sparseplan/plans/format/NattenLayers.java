package io.sparseplan.plans.format;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.geometry.Axis;
import io.sparseplan.plans.geometry.Extents;
import io.sparseplan.plans.geometry.NeighborhoodAxis.Dilation;
import io.sparseplan.plans.geometry.NeighborhoodAxis.Stride;
import io.sparseplan.plans.geometry.NeighborhoodAxis.Window;
import io.sparseplan.plans.geometry.VideoLayout;
import io.sparseplan.plans.model.QueryHeads;
import io.sparseplan.plans.pattern.AxisWindow;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.Neighborhood;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.pattern.SlidingTile;
import io.sparseplan.plans.plan.StepPatterns;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Set;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * The list of windows that NVIDIA's Cosmos-Predict2 gives to NATTEN, one entry a layer: nothing
 * where it is dense, else {@code window_size}, {@code stride}, {@code dilation}, {@code is_causal}
 * by axis, and {@code base_size}, the video that the window is for; −1 is the whole axis. All heads
 * of a layer run the same, in all denoising steps.
 *
 * <p>The file is JSON; the same list as a Python literal is read too.
 */
public final class NattenLayers {
  static final String WINDOW = "window_size";
  private static final String STRIDE = "stride";
  private static final String DILATION = "dilation";
  private static final String CAUSAL = "is_causal";
  private static final String BASE = "base_size";
  private static final int WHOLE_AXIS = -1;

  private NattenLayers() {}

  /**
   * The list.
   *
   * @throws BadInputException if heads of a layer or steps differ, or a layer runs what NATTEN has
   *     not
   */
  public static String write(VideoHeads heads) {
    List<StepPatterns> layers = heads.wholeLayers("NATTEN");
    List<String> entries = new ArrayList<>();
    for (int layer = 0; layer < layers.size(); layer++) {
      List<Pattern> patterns =
          layers.get(layer).ranges().stream().map(range -> range.pattern()).distinct().toList();
      if (patterns.size() > 1) {
        throw new BadInputException(
            "Layer %d runs %s and %s in different steps; NATTEN has one window for all steps."
                .formatted(layer, patterns.get(0).label(), patterns.get(1).label()),
            "search without --dense-steps.");
      }
      entries.add(entry(patterns.getFirst(), layer, heads.video().extents()));
    }
    return "[\n" + String.join(",\n", entries) + "\n]\n";
  }

  private static String entry(Pattern pattern, int layer, Extents video) {
    return switch (pattern) {
      case Dense() -> "null";
      case Neighborhood neighborhood -> entry(neighborhood, video);
      case SlidingTile tiles ->
          tiles
              .asNeighborhood(video)
              .map(neighborhood -> entry(neighborhood, video))
              .orElseThrow(() -> refuse(pattern, layer));
      default -> throw refuse(pattern, layer);
    };
  }

  private static BadInputException refuse(Pattern pattern, int layer) {
    return new BadInputException(
        "Layer %d runs %s; NATTEN cannot say that.".formatted(layer, pattern.label()),
        "search with --family neighborhood --max-patterns-per-layer 1.");
  }

  private static String entry(Neighborhood neighborhood, Extents video) {
    var fields = new ArrayList<String>();
    fields.add(field(WINDOW, axis -> wholeOr(neighborhood, axis, video)));
    boolean strides = false;
    boolean dilates = false;
    boolean causal = false;
    for (Axis axis : Axis.values()) {
      strides |= stride(neighborhood, axis, video) > 1;
      dilates |= neighborhood.along(axis).dilation().coordinates() > 1;
      causal |= neighborhood.along(axis).causal();
    }
    if (strides) {
      fields.add(field(STRIDE, axis -> stride(neighborhood, axis, video)));
    }
    if (dilates) {
      fields.add(field(DILATION, axis -> neighborhood.along(axis).dilation().coordinates()));
    }
    if (causal) {
      fields.add(
          "\"%s\": [%s]"
              .formatted(
                  CAUSAL,
                  Arrays.stream(Axis.values())
                      .map(axis -> Boolean.toString(neighborhood.along(axis).causal()))
                      .collect(Collectors.joining(", "))));
    }
    fields.add(field(BASE, video::along));
    return "{" + String.join(", ", fields) + "}";
  }

  private static String field(String name, ToIntFunction<Axis> value) {
    return "\"%s\": [%s]"
        .formatted(
            name,
            Arrays.stream(Axis.values())
                .map(axis -> Integer.toString(value.applyAsInt(axis)))
                .collect(Collectors.joining(", ")));
  }

  private static boolean isWhole(Neighborhood neighborhood, Axis axis, Extents video) {
    AxisWindow window = neighborhood.along(axis);
    return window.window().keys() >= video.along(axis)
        && window.dilation().equals(Dilation.NONE)
        && !window.causal();
  }

  private static int wholeOr(Neighborhood neighborhood, Axis axis, Extents video) {
    return isWhole(neighborhood, axis, video)
        ? WHOLE_AXIS
        : neighborhood.along(axis).on(video.along(axis)).window().keys();
  }

  /** A window of the whole axis is the same whatever its stride. */
  private static int stride(Neighborhood neighborhood, Axis axis, Extents video) {
    return isWhole(neighborhood, axis, video)
        ? 1
        : neighborhood.along(axis).on(video.along(axis)).stride().queries();
  }

  /**
   * Reads a list.
   *
   * @param file for messages
   * @param headsOfLayer which all run what the layer does
   * @throws BadInputException if a field is missing, unknown, out of range or of another video
   */
  public static VideoHeads read(
      Path file, byte[] text, VideoLayout video, QueryHeads headsOfLayer) {
    JsonNode root = layers(file, text);
    var heads = new ArrayList<StepPatterns>();
    for (int layer = 0; layer < root.size(); layer++) {
      JsonNode entry = root.get(layer);
      Pattern pattern =
          entry.isNull() ? new Dense() : neighborhood(file, layer, entry, video.extents());
      heads.addAll(
          Collections.nCopies(headsOfLayer.count(), StepPatterns.ofEach(List.of(pattern))));
    }
    return new VideoHeads(video, headsOfLayer, heads);
  }

  private static JsonNode layers(Path file, byte[] text) {
    JsonNode root;
    try {
      root = JsonFile.mapper().readTree(json(new String(text, StandardCharsets.UTF_8)));
    } catch (JacksonException e) {
      throw JsonFile.refuse(file, "list of windows", e);
    }
    if (!root.isArray() || root.isEmpty()) {
      throw malformed(file, "it is no list of layers");
    }
    return root;
  }

  /** The video that windows are for, or as much of it as they need. */
  static Extents leastVideo(Path file, byte[] text) {
    int[] least = {1, 1, 1};
    JsonNode root = layers(file, text);
    for (int layer = 0; layer < root.size(); layer++) {
      JsonNode entry = root.get(layer);
      for (Axis axis : entry.isObject() ? Axis.values() : new Axis[0]) {
        int base = number(file, layer, entry, BASE, axis, WHOLE_AXIS);
        int keys = number(file, layer, entry, WINDOW, axis, WHOLE_AXIS);
        int gaps = number(file, layer, entry, DILATION, axis, 1);
        least[axis.ordinal()] = Math.max(least[axis.ordinal()], Math.max(base, keys * gaps));
      }
    }
    try {
      return new Extents(least[0], least[1], least[2]);
    } catch (IllegalArgumentException e) {
      throw malformed(file, "its windows are larger than any video (%s)".formatted(e.getMessage()));
    }
  }

  /** A Python literal has these other spellings, none of which a list of numbers has in JSON. */
  private static String json(String text) {
    return text.replace('(', '[')
        .replace(')', ']')
        .replace('\'', '"')
        .replaceAll("\\bNone\\b", "null")
        .replaceAll("\\bTrue\\b", "true")
        .replaceAll("\\bFalse\\b", "false")
        .replaceAll(",(\\s*[\\]}])", "$1");
  }

  private static Neighborhood neighborhood(Path file, int layer, JsonNode entry, Extents video) {
    if (!entry.isObject()) {
      throw malformed(file, "its entry of layer %d is no object".formatted(layer));
    }
    for (String name : entry.propertyNames()) {
      if (!Set.of(WINDOW, STRIDE, DILATION, CAUSAL, BASE).contains(name)) {
        throw malformed(file, "its entry of layer %d has %s".formatted(layer, name));
      }
    }
    var windows = new EnumMap<Axis, AxisWindow>(Axis.class);
    for (Axis axis : Axis.values()) {
      int length = video.along(axis);
      int base = number(file, layer, entry, BASE, axis, WHOLE_AXIS);
      if (base != WHOLE_AXIS && base != length) {
        throw malformed(
            file,
            "its window of layer %d is for %d along %s, the video has %d"
                .formatted(layer, base, axis, length));
      }
      if (!entry.has(WINDOW)) {
        throw malformed(file, "its entry of layer %d has no %s".formatted(layer, WINDOW));
      }
      int window = number(file, layer, entry, WINDOW, axis, WHOLE_AXIS);
      windows.put(
          axis,
          window(
              file,
              layer,
              axis,
              new int[] {
                window == WHOLE_AXIS ? length : window,
                number(file, layer, entry, STRIDE, axis, 1),
                number(file, layer, entry, DILATION, axis, 1)
              },
              flag(file, layer, entry, axis),
              length));
    }
    return new Neighborhood(
        windows.get(Axis.FRAMES), windows.get(Axis.HEIGHT), windows.get(Axis.WIDTH));
  }

  private static AxisWindow window(
      Path file, int layer, Axis axis, int[] numbers, boolean causal, int length) {
    try {
      var window =
          new AxisWindow(
              new Window(numbers[0]), new Stride(numbers[1]), new Dilation(numbers[2]), causal);
      if ((long) numbers[0] * numbers[2] > length) {
        throw new IllegalArgumentException(
            "The window (%d) times the dilation (%d) must be at most the length (%d)."
                .formatted(numbers[0], numbers[2], length));
      }
      return window;
    } catch (IllegalArgumentException e) {
      throw malformed(
          file,
          "its entry of layer %d along %s: %s"
              .formatted(layer, axis, e.getMessage().replaceFirst("\\.$", "")));
    }
  }

  private static int number(
      Path file, int layer, JsonNode entry, String name, Axis axis, int absent) {
    if (!entry.has(name)) {
      return absent;
    }
    JsonNode value = element(file, layer, entry, name, axis);
    if (!value.isInt() || (value.intValue() < 1 && value.intValue() != WHOLE_AXIS)) {
      throw malformed(
          file, "its %s of layer %d has %s, no number of tokens".formatted(name, layer, value));
    }
    return value.intValue();
  }

  private static boolean flag(Path file, int layer, JsonNode entry, Axis axis) {
    if (!entry.has(CAUSAL)) {
      return false;
    }
    JsonNode value = element(file, layer, entry, CAUSAL, axis);
    if (!value.isBoolean()) {
      throw malformed(file, "its %s of layer %d has %s, no flag".formatted(CAUSAL, layer, value));
    }
    return value.booleanValue();
  }

  private static JsonNode element(Path file, int layer, JsonNode entry, String name, Axis axis) {
    JsonNode list = entry.get(name);
    if (!list.isArray() || list.size() != Axis.values().length) {
      throw malformed(
          file, "its %s of layer %d is not a list of one for each axis".formatted(name, layer));
    }
    return list.get(axis.ordinal());
  }

  private static BadInputException malformed(Path file, String problem) {
    return new BadInputException(
        "The list of windows (%s) is not valid: %s.".formatted(file, problem),
        "it is of another video, or damaged.");
  }
}
