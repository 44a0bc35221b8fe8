package io.sparseplan.cli;

import io.sparseplan.plans.file.AtomicFile;
import io.sparseplan.plans.geometry.Axis;
import io.sparseplan.plans.geometry.Extents;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.geometry.VideoLayout;
import io.sparseplan.plans.geometry.VideoPlace;
import io.sparseplan.plans.safetensors.Dtype;
import io.sparseplan.plans.safetensors.SafetensorsWriter;
import io.sparseplan.plans.safetensors.SafetensorsWriter.Part;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * A capture of a video model whose heads attend in ways that are known.
 *
 * <p>A head looks for keys that share its coordinates on some axes: queries and keys are waves of
 * three lengths on each of them, whose product peaks where both are at one place, and nothing on
 * the others. Every other number is noise.
 */
final class PlantedVideo {
  static final Extents EXTENTS = new Extents(18, 24, 24);
  static final int TEXT = 64;
  private static final int WAVES = 3;
  private static final int HEAD_DIM = 2 * WAVES * Axis.values().length + 2;
  private static final double SHARPNESS = 9;

  /** What a head looks at. */
  enum Head {
    /** The query's frame. */
    SPATIAL(EnumSet.of(Axis.FRAMES)),
    /** The query's place at all times. */
    TEMPORAL(EnumSet.of(Axis.HEIGHT, Axis.WIDTH)),
    /** The query's row in its frame: a narrow band about the diagonal. */
    DIAGONAL(EnumSet.of(Axis.FRAMES, Axis.HEIGHT)),
    /** Everything. */
    DENSE(EnumSet.noneOf(Axis.class));

    private final Set<Axis> shared;

    Head(Set<Axis> shared) {
      this.shared = shared;
    }
  }

  private PlantedVideo() {}

  /** Writes a capture of one sample; each layer has as many heads as the first. */
  static void write(Path root, List<List<Head>> layers) throws IOException {
    write(root, layers, EXTENTS);
  }

  /** The same of another video. */
  static void write(Path root, List<List<Head>> layers, Extents extents) throws IOException {
    Path sample = Files.createDirectories(root.resolve("step-20"));
    Files.writeString(
        root.resolve("capture.json"),
        """
        {"schemaVersion":1,
         "model":{"name":"planted","architecture":"PlantedVideo","weightsSha256":"%s",
          "layers":%d,"attention":{"queryHeads":%d,"kvHeads":%d,"headDim":%d},"ropeTheta":10000.0},
         "layout":{"kind":"video","frames":%d,"height":%d,"width":%d,"textTokens":64,"text":"last"},
         "objective":null,
         "samples":[{"name":"step-20","answerTokens":0}]}
        """
            .formatted(
                "0".repeat(64),
                layers.size(),
                layers.getFirst().size(),
                layers.getFirst().size(),
                HEAD_DIM,
                extents.frames(),
                extents.height(),
                extents.width()));
    for (int layer = 0; layer < layers.size(); layer++) {
      var random = new Random(layer);
      List<Part> parts =
          List.of(
              part("q", waves(layers.get(layer), extents, random), layers.get(layer).size()),
              part("k", waves(layers.get(layer), extents, random), layers.get(layer).size()),
              part(
                  "v", noise(layers.get(layer).size(), extents, random), layers.get(layer).size()));
      AtomicFile.write(
          sample.resolve("layer-%d.safetensors".formatted(layer)),
          out -> SafetensorsWriter.write(out, Map.of(), parts));
    }
  }

  private static float[] noise(int heads, Extents extents, Random random) {
    float[] values = new float[(extents.tokens() + TEXT) * heads * HEAD_DIM];
    for (int at = 0; at < values.length; at++) {
      values[at] = (float) random.nextGaussian();
    }
    return values;
  }

  private static float[] waves(List<Head> heads, Extents extents, Random random) {
    var frameByFrame = new VideoLayout(extents, Tokens.of(TEXT), extents);
    float[] values = noise(heads.size(), extents, random);
    for (int at = 0; at < values.length; at++) {
      values[at] *= 0.05f;
    }
    double amplitude = Math.sqrt(SHARPNESS * Math.sqrt(HEAD_DIM));
    for (int token = 0; token < extents.tokens(); token++) {
      VideoPlace place = frameByFrame.at(token);
      for (int head = 0; head < heads.size(); head++) {
        for (Axis axis : heads.get(head).shared) {
          int at = (token * heads.size() + head) * HEAD_DIM + 2 * WAVES * axis.ordinal();
          for (int wave = 1; wave <= WAVES; wave++) {
            double angle = 2 * Math.PI * wave * place.along(axis) / (extents.along(axis) + WAVES);
            values[at + 2 * wave - 2] += (float) (amplitude * Math.cos(angle));
            values[at + 2 * wave - 1] += (float) (amplitude * Math.sin(angle));
          }
        }
      }
    }
    return values;
  }

  private static Part part(String name, float[] values, int heads) {
    var bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return new Part(
        name,
        Dtype.F32,
        List.of((long) values.length / heads / HEAD_DIM, (long) heads, (long) HEAD_DIM),
        bytes.array());
  }
}
