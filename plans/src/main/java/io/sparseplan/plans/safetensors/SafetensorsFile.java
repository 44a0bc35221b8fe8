package io.sparseplan.plans.safetensors;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.JsonFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * One safetensors file, mapped into memory: eight bytes with the header's length, a JSON header,
 * then the tensors' bytes. Checks what the format's reference reader checks: the header fits the
 * file, each tensor's bytes are as many as its shape says, and together they cover the rest without
 * overlap. A tensor of a type that is not known here is an error only when it is asked for: the
 * model may not need it.
 */
public final class SafetensorsFile {
  /** The reference reader's own limit. */
  private static final long MAX_HEADER_BYTES = 100_000_000;

  private static final ValueLayout.OfLong LENGTH =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Path file;
  private final Map<String, Entry> entries;
  private final MemorySegment data;

  private SafetensorsFile(Path file, Map<String, Entry> entries, MemorySegment data) {
    this.file = file;
    this.entries = entries;
    this.data = data;
  }

  /**
   * Maps the file for as long as the arena lives. Files above 2 GiB are mapped whole.
   *
   * @throws BadInputException if the file is missing or does not keep to the format
   */
  public static SafetensorsFile map(Path file, Arena arena) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      MemorySegment all = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
      return parse(file, all);
    } catch (NoSuchFileException e) {
      throw new BadInputException(
          "The weight file (%s) does not exist.".formatted(file), "the download is incomplete.", e);
    } catch (IOException e) {
      throw new BadInputException(
          "The weight file (%s) cannot be read: %s.".formatted(file, e.getMessage()),
          "check that it is a file that you may read.",
          e);
    }
  }

  public Path file() {
    return file;
  }

  /** All names, also of tensors whose type is not known here. */
  public Set<String> names() {
    return entries.keySet();
  }

  /**
   * @throws BadInputException if there is none of that name, or its type is not supported
   */
  public Tensor tensor(String name) {
    requireNamed(name);
    Entry entry = entries.get(name);
    Dtype dtype =
        entry.dtype.orElseThrow(
            () ->
                new BadInputException(
                    "The dtype (%s) of tensor %s in %s is not supported; F32, F16 and BF16 are."
                        .formatted(entry.dtypeName, name, file),
                    "choose the unquantised checkpoint of the model."));
    return new Tensor(name, dtype, entry.shape, data.asSlice(entry.begin, entry.end - entry.begin));
  }

  /**
   * @throws BadInputException if there is no tensor of that name
   */
  void requireNamed(String name) {
    if (!entries.containsKey(name)) {
      throw new BadInputException(
          "The weight file (%s) has no tensor %s.".formatted(file, name),
          "the checkpoint is of another architecture.");
    }
  }

  private static SafetensorsFile parse(Path file, MemorySegment all) {
    if (all.byteSize() < 8) {
      throw truncated(file, "it has %d bytes, less than a header".formatted(all.byteSize()));
    }
    long headerBytes = all.get(LENGTH, 0);
    if (headerBytes < 2 || headerBytes > Math.min(MAX_HEADER_BYTES, all.byteSize() - 8)) {
      throw truncated(
          file,
          "its header claims %s bytes of a file of %d"
              .formatted(Long.toUnsignedString(headerBytes), all.byteSize()));
    }
    byte[] header = all.asSlice(8, headerBytes).toArray(ValueLayout.JAVA_BYTE);
    MemorySegment data = all.asSlice(8 + headerBytes);
    JsonNode root;
    try {
      root = JsonFile.mapper().readTree(header);
    } catch (JacksonException e) {
      throw JsonFile.refuse(file, "weight file's header", e);
    }
    if (!root.isObject()) {
      throw malformed(file, "its header is not a JSON object");
    }
    var entries = new ArrayList<Entry>();
    for (Map.Entry<String, JsonNode> property : root.properties()) {
      if (!property.getKey().equals("__metadata__")) {
        entries.add(Entry.parse(file, property.getKey(), property.getValue()));
      }
    }
    requireCover(file, entries, data.byteSize());
    var byName = new LinkedHashMap<String, Entry>();
    entries.forEach(entry -> byName.put(entry.name, entry));
    return new SafetensorsFile(file, byName, data);
  }

  private static void requireCover(Path file, List<Entry> entries, long dataBytes) {
    long covered = 0;
    for (Entry entry :
        entries.stream()
            .sorted(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end))
            .toList()) {
      if (entry.begin != covered) {
        throw malformed(
            file,
            "the bytes of tensor %s start at %d where %d is due"
                .formatted(entry.name, entry.begin, covered));
      }
      if (entry.end > dataBytes) {
        throw truncated(
            file, "tensor %s ends at byte %d of %d".formatted(entry.name, entry.end, dataBytes));
      }
      covered = entry.end;
    }
    if (covered != dataBytes) {
      throw malformed(file, "%d bytes follow the last tensor".formatted(dataBytes - covered));
    }
  }

  private static BadInputException truncated(Path file, String how) {
    return new BadInputException(
        "The weight file (%s) is cut short: %s.".formatted(file, how),
        "the download is incomplete: fetch it again.");
  }

  private static BadInputException malformed(Path file, String how) {
    return new BadInputException(
        "The weight file (%s) is not valid safetensors: %s.".formatted(file, how),
        "it is damaged or of another format: fetch it again.");
  }

  /**
   * One tensor of the header, its offsets still unchecked against the file.
   *
   * @param dtype empty where the type is not known here; then its bytes cannot be told from its
   *     shape
   */
  private record Entry(
      String name,
      String dtypeName,
      Optional<Dtype> dtype,
      List<Long> shape,
      long begin,
      long end) {
    static Entry parse(Path file, String name, JsonNode node) {
      JsonNode offsets = node.path("data_offsets");
      if (!node.path("dtype").isString()
          || !node.path("shape").isArray()
          || !offsets.isArray()
          || offsets.size() != 2) {
        throw malformed(
            file, "tensor %s lacks its dtype, its shape or its two offsets".formatted(name));
      }
      String dtypeName = node.path("dtype").asString();
      var shape = new ArrayList<Long>();
      for (JsonNode dimension : node.path("shape")) {
        shape.add(size(file, name, dimension));
      }
      long begin = size(file, name, offsets.get(0));
      long end = size(file, name, offsets.get(1));
      var entry = new Entry(name, dtypeName, dtype(dtypeName), shape, begin, end);
      entry.requireBytes(file);
      return entry;
    }

    private void requireBytes(Path file) {
      if (end < begin) {
        throw malformed(file, "tensor %s spans bytes %d to %d".formatted(name, begin, end));
      }
      if (dtype.isEmpty()) {
        return;
      }
      long bytes = dtype.get().bytes();
      for (long size : shape) {
        if (size > 0 && bytes > Long.MAX_VALUE / size) {
          throw malformed(file, "tensor %s has an impossible shape".formatted(name));
        }
        bytes *= size;
      }
      if (end - begin != bytes) {
        throw malformed(
            file,
            "tensor %s spans bytes %d to %d, its shape %s of %s needs %d"
                .formatted(name, begin, end, shape, dtypeName, bytes));
      }
    }

    private static Optional<Dtype> dtype(String text) {
      return Arrays.stream(Dtype.values()).filter(dtype -> dtype.name().equals(text)).findFirst();
    }

    private static long size(Path file, String name, JsonNode node) {
      if (!node.isIntegralNumber() || !node.canConvertToLong() || node.longValue() < 0) {
        throw malformed(file, "tensor %s has a size %s".formatted(name, node));
      }
      return node.longValue();
    }
  }
}
