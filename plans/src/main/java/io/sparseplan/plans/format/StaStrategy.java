package io.sparseplan.plans.format;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.geometry.Axis;
import io.sparseplan.plans.geometry.Extents;
import io.sparseplan.plans.geometry.VideoLayout;
import io.sparseplan.plans.model.QueryHeads;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.pattern.SlidingTile;
import io.sparseplan.plans.plan.StepPatterns;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Sliding Tile Attention's mask strategy (FastVideo, {@code mask_strategy_*.json}): a flat object
 * {@code "step_layer_head": [frames, height, width]} of windows in tiles of 6 × 8 × 8 tokens, where
 * as many tiles as there are is dense.
 *
 * <p>Its reader drops keys that it does not expect and fills missing ones with nothing; here both
 * are refused by name.
 */
public final class StaStrategy {
  private static final java.util.regex.Pattern KEY =
      java.util.regex.Pattern.compile("(0|[1-9]\\d{0,5})_(0|[1-9]\\d{0,5})_(0|[1-9]\\d{0,5})");

  /** On an axis: more than any video has, and few enough that the tiles of a box can be counted. */
  private static final int MOST_TILES = 1000;

  private StaStrategy() {}

  private record Place(int step, int layer, int head) {
    static Place of(MatchResult key) {
      return new Place(
          Integer.parseInt(key.group(1)),
          Integer.parseInt(key.group(2)),
          Integer.parseInt(key.group(3)));
    }

    String key() {
      return step + "_" + layer + "_" + head;
    }
  }

  /** The window of dense attention: all tiles, the last on each axis perhaps in part. */
  static Extents fullWindow(Extents video) {
    var any = SlidingTile.ofSta(new Extents(1, 1, 1));
    return new Extents(
        any.tilesAlong(Axis.FRAMES, video),
        any.tilesAlong(Axis.HEIGHT, video),
        any.tilesAlong(Axis.WIDTH, video));
  }

  /**
   * The strategy of heads.
   *
   * @throws BadInputException if a head runs anything but a window of STA's tiles, or dense
   */
  public static String write(VideoHeads heads) {
    var text = new StringBuilder("{\n");
    String separator = "";
    for (int step = 0; step < heads.stepCount(); step++) {
      for (int place = 0; place < heads.steps().size(); place++) {
        int ofLayer = heads.headsOfLayer().count();
        Extents window = window(heads, step, place);
        text.append(separator)
            .append(
                "\"%s\": [%d, %d, %d]"
                    .formatted(
                        new Place(step, place / ofLayer, place % ofLayer).key(),
                        window.frames(),
                        window.height(),
                        window.width()));
        separator = ",\n";
      }
    }
    return text.append("\n}\n").toString();
  }

  private static Extents window(VideoHeads heads, int step, int place) {
    Pattern pattern = heads.steps().get(place).at(step);
    return switch (pattern) {
      case Dense() -> fullWindow(heads.video().extents());
      case SlidingTile(var tile, var window) when tile.equals(SlidingTile.STA_TILE) ->
          window.tiles();
      default ->
          throw new BadInputException(
              "The head %s runs %s in step %d; sliding tile attention has windows of %s tiles alone."
                  .formatted(heads.id(place), pattern.label(), step, SlidingTile.STA_TILE.text()),
              "search with --family sliding-tile.");
    };
  }

  /**
   * The video whose tiles are as many on each axis as the largest window has.
   *
   * @throws BadInputException if the file is malformed
   */
  static Extents leastVideo(Path file, byte[] json) {
    Collection<Extents> windows = windows(file, json).values();
    try {
      return new Extents(
          tokensAlong(Axis.FRAMES, windows),
          tokensAlong(Axis.HEIGHT, windows),
          tokensAlong(Axis.WIDTH, windows));
    } catch (IllegalArgumentException e) {
      throw malformed(file, "its windows are larger than any video (%s)".formatted(e.getMessage()));
    }
  }

  private static int tokensAlong(Axis axis, Collection<Extents> windows) {
    int tiles = windows.stream().mapToInt(window -> window.along(axis)).max().orElseThrow();
    return tiles * SlidingTile.STA_TILE.along(axis);
  }

  /**
   * Reads a strategy.
   *
   * @param file for messages
   * @param video that the strategy is for; files do not say it
   * @throws BadInputException if a key is missing, unknown or twice there, or a window is none of
   *     the video's
   */
  public static VideoHeads read(Path file, byte[] json, VideoLayout video) {
    Map<Place, Extents> windows = windows(file, json);
    int steps = 1 + windows.keySet().stream().mapToInt(Place::step).max().orElseThrow();
    int layers = 1 + windows.keySet().stream().mapToInt(Place::layer).max().orElseThrow();
    int headsOfLayer = 1 + windows.keySet().stream().mapToInt(Place::head).max().orElseThrow();
    Extents full = fullWindow(video.extents());
    var heads = new ArrayList<StepPatterns>();
    for (int layer = 0; layer < layers; layer++) {
      for (int head = 0; head < headsOfLayer; head++) {
        List<Pattern> patternOfStep = new ArrayList<>();
        for (int step = 0; step < steps; step++) {
          var place = new Place(step, layer, head);
          Extents window = windows.get(place);
          if (window == null) {
            throw malformed(
                file,
                "it lacks the key \"%s\" of %d steps × %d layers × %d heads"
                    .formatted(place.key(), steps, layers, headsOfLayer));
          }
          requireWithin(file, place, window, full);
          patternOfStep.add(window.equals(full) ? new Dense() : SlidingTile.ofSta(window));
        }
        heads.add(StepPatterns.ofEach(patternOfStep));
      }
    }
    return new VideoHeads(video, new QueryHeads(headsOfLayer), heads);
  }

  private static void requireWithin(Path file, Place place, Extents window, Extents full) {
    for (Axis axis : Axis.values()) {
      if (window.along(axis) > full.along(axis)) {
        throw malformed(
            file,
            "its window %s of \"%s\" is larger than the video, %s tiles"
                .formatted(window.text(), place.key(), full.text()));
      }
    }
  }

  private static Map<Place, Extents> windows(Path file, byte[] json) {
    JsonNode root;
    try {
      root = JsonFile.mapper().readTree(new String(json, StandardCharsets.UTF_8));
    } catch (JacksonException e) {
      throw JsonFile.refuse(file, "mask strategy", e);
    }
    if (!root.isObject() || root.isEmpty()) {
      throw malformed(file, "it is no object of windows");
    }
    var windows =
        new TreeMap<Place, Extents>(
            Comparator.comparingInt(Place::step)
                .thenComparingInt(Place::layer)
                .thenComparingInt(Place::head));
    for (Map.Entry<String, JsonNode> entry : root.properties()) {
      Matcher key = KEY.matcher(entry.getKey());
      if (!key.matches()) {
        throw malformed(
            file, "its key \"%s\" is not \"step_layer_head\"".formatted(entry.getKey()));
      }
      windows.put(Place.of(key), window(file, entry.getKey(), entry.getValue()));
    }
    return windows;
  }

  private static Extents window(Path file, String key, JsonNode window) {
    boolean isWindow = window.isArray() && window.size() == 3;
    for (int axis = 0; isWindow && axis < 3; axis++) {
      JsonNode tiles = window.get(axis);
      isWindow = tiles.isInt() && tiles.intValue() >= 1 && tiles.intValue() <= MOST_TILES;
    }
    if (!isWindow) {
      throw malformed(
          file,
          "its value of \"%s\" is not three numbers of tiles, each in 1..%d"
              .formatted(key, MOST_TILES));
    }
    return new Extents(
        window.get(0).intValue(), window.get(1).intValue(), window.get(2).intValue());
  }

  private static BadInputException malformed(Path file, String problem) {
    return new BadInputException(
        "The mask strategy (%s) is not valid: %s.".formatted(file, problem),
        "it is of another video or model, or damaged.");
  }
}
