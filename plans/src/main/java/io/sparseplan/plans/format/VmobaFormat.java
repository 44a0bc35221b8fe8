package io.sparseplan.plans.format;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.Extents;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.geometry.VideoLayout;
import io.sparseplan.plans.pattern.ChosenAmong;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.pattern.VideoChunkTopK;
import io.sparseplan.plans.pattern.VideoChunkTopP;
import io.sparseplan.plans.plan.ImportedFrom;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * VMoBA's configuration (FastVideo, {@code configs/backend/vmoba/*.json}): chunks of frames, of
 * places, and of both, which layers take in turn, and one rule that chooses among them. Layers and
 * steps at the start are dense.
 *
 * <p>Budgets of the rule that is not chosen are in the file all the same; they come back from the
 * file that the plan was imported from.
 */
final class VmobaFormat implements VideoFormat {
  static final String MODE = "moba_select_mode";
  static final String THRESHOLD = "moba_threshold";
  static final String AMONG = "moba_threshold_type";
  static final String DENSE_LAYERS = "first_full_layer";
  static final String DENSE_STEPS = "first_full_step";
  private static final int MOST_SIDE = 1 << 16;
  static final int MOST_CHUNKS = 1 << 20;

  private static final Set<String> KEYS = keys();

  private static Set<String> keys() {
    var keys = new LinkedHashSet<String>();
    for (VmobaChunk kind : VmobaChunk.values()) {
      keys.addAll(List.of(kind.size(), kind.topK(), kind.layers()));
    }
    keys.addAll(List.of(MODE, THRESHOLD, AMONG, DENSE_LAYERS, DENSE_STEPS));
    return keys;
  }

  @Override
  public String name() {
    return "vmoba";
  }

  @Override
  public String system() {
    return "VMoBA (FastVideo)";
  }

  @Override
  public String file() {
    return "JSON of chunk sizes, budgets and how many layers take each in turn";
  }

  @Override
  public String loses() {
    return "the video's shape and the number of steps, which the file does not say";
  }

  @Override
  public Extents block() {
    return VideoLayout.USUAL_BLOCK;
  }

  @Override
  public boolean saysSteps() {
    return false;
  }

  @Override
  public ImportedFrom kept(PeerSource source) {
    return source.kept(name(), PeerSource.Text.KEPT);
  }

  @Override
  public boolean recognises(PeerSource source) {
    return source.mainName().endsWith(".json") && source.json().has(MODE);
  }

  /** One more on each axis than a chunk that is not the whole axis. */
  @Override
  public VideoLayout leastVideo(PeerSource source) {
    JsonField root = source.json();
    int[] both = sides(root.at(VmobaChunk.BOTH.size()), 3);
    int[] spatial = sides(root.at(VmobaChunk.SPATIAL.size()), 2);
    try {
      var extents =
          new Extents(
              1 + Math.max(both[0], root.at(VmobaChunk.TEMPORAL.size()).integer(1, MOST_SIDE)),
              1 + Math.max(both[1], spatial[0]),
              1 + Math.max(both[2], spatial[1]));
      return new VideoLayout(extents, Tokens.of(0), extents.atMost(block()));
    } catch (IllegalArgumentException e) {
      throw root.refuse("has chunks larger than any video (%s)".formatted(e.getMessage()));
    }
  }

  private static int[] sides(JsonField field, int axes) {
    return field.elements(axes, "axes").stream()
        .mapToInt(side -> side.integer(1, MOST_SIDE))
        .toArray();
  }

  @Override
  public VideoHeads read(PeerSource source, VideoTarget target) {
    JsonField root = source.json();
    root.requireOnly(KEYS);
    int layers = target.layers().count();
    int denseLayers = root.at(DENSE_LAYERS).integer(0, layers);
    int denseSteps = root.at(DENSE_STEPS).integer(0, SparseLayers.MOST_STEPS);
    int steps =
        target
            .steps()
            .orElseGet(
                () -> {
                  if (denseSteps > 0) {
                    throw new BadInputException(
                        "The first %d denoising steps are dense; the file (%s) does not say of how many."
                            .formatted(denseSteps, source.path()),
                        "give --steps 50.");
                  }
                  return 1;
                });
    List<Pattern> cycle = cycle(root, target.video().extents());
    return new SparseLayers(
            denseLayers,
            SparseLayers.steps(steps, denseSteps),
            IntStream.range(0, layers - denseLayers)
                .mapToObj(layer -> cycle.get(layer % cycle.size()))
                .toList())
        .heads(target);
  }

  /** What layers run in turn. */
  private static List<Pattern> cycle(JsonField root, Extents video) {
    var cycle = new ArrayList<Pattern>();
    for (VmobaChunk kind : VmobaChunk.values()) {
      Pattern pattern = pattern(root, kind, chunk(root, kind, video));
      int count = root.at(kind.layers()).integer(0, MOST_SIDE);
      for (int layer = 0; layer < count; layer++) {
        cycle.add(pattern);
      }
    }
    if (cycle.isEmpty()) {
      throw root.at(VmobaChunk.TEMPORAL.layers()).refuse("is 0, as are those of the other chunks");
    }
    return cycle;
  }

  private static Extents chunk(JsonField root, VmobaChunk kind, Extents video) {
    JsonField field = root.at(kind.size());
    Extents chunk =
        switch (kind) {
          case TEMPORAL -> box(field, field.integer(1, MOST_SIDE), video.height(), video.width());
          case SPATIAL -> {
            int[] sides = sides(field, 2);
            yield box(field, video.frames(), sides[0], sides[1]);
          }
          case BOTH -> {
            int[] sides = sides(field, 3);
            yield box(field, sides[0], sides[1], sides[2]);
          }
        };
    if (!video.atMost(chunk).equals(chunk)) {
      throw field.refuse("is larger than the video, %s".formatted(video.text()));
    }
    return chunk;
  }

  private static Extents box(JsonField field, int frames, int height, int width) {
    try {
      return new Extents(frames, height, width);
    } catch (IllegalArgumentException e) {
      throw field.refuse("is larger than any video");
    }
  }

  private static Pattern pattern(JsonField root, VmobaChunk kind, Extents chunk) {
    int topK = root.at(kind.topK()).integer(1, MOST_CHUNKS);
    double threshold = root.at(THRESHOLD).number(0, 1);
    ChosenAmong among = among(root.at(AMONG));
    return switch (root.at(MODE).text()) {
      case "topk" -> new VideoChunkTopK(chunk, topK, among);
      case "threshold" -> new VideoChunkTopP(chunk, threshold, among);
      default -> throw root.at(MODE).refuse("is none of topk and threshold");
    };
  }

  private static ChosenAmong among(JsonField field) {
    return switch (field.text()) {
      case "query_head" -> ChosenAmong.QUERY;
      case "head_global" -> ChosenAmong.HEAD;
      case "block", "overall" ->
          throw field.refuse("lets the heads of a layer compete, which no pattern of a head says");
      default -> throw field.refuse("is none of query_head, head_global, block and overall");
    };
  }

  @Override
  public String statistics(VideoHeads heads) {
    return SparseLayers.of(heads, name()).text();
  }

  @Override
  public Exported write(VideoHeads heads, Optional<PeerSource> kept) {
    return new VmobaFile(SparseLayers.of(heads, name()), heads.video().extents(), kept).exported();
  }
}
