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
import java.util.Collections;
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
  /** Where the header keeps what is no tensor. */
  static final String METADATA = "__metadata__";

  /** The reference reader's own limit. */
  private static final long MAX_HEADER_BYTES = 100_000_000;

  private static final ValueLayout.OfLong LENGTH =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final TensorSource source;
  private final Map<String, String> metadata;
  private final Map<String, Entry> entries;
  private final MemorySegment data;

  private SafetensorsFile(
      TensorSource source,
      Map<String, String> metadata,
      Map<String, Entry> entries,
      MemorySegment data) {
    this.source = source;
    this.metadata = metadata;
    this.entries = entries;
    this.data = data;
  }

  /** Maps a file of a checkpoint, as {@link #map(TensorSource, Arena)} does. */
  public static SafetensorsFile map(Path file, Arena arena) {
    return map(TensorSource.weights(file), arena);
  }

  /**
   * Maps the file for as long as the arena lives. Files above 2 GiB are mapped whole.
   *
   * @throws BadInputException if the file is missing or does not keep to the format
   */
  public static SafetensorsFile map(TensorSource source, Arena arena) {
    Path file = source.file();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      MemorySegment all = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
      return parse(source, all);
    } catch (NoSuchFileException e) {
      throw new BadInputException(
          "The %s (%s) does not exist.".formatted(source.kind(), file),
          "check the path, or %s.".formatted(source.remedy()),
          e);
    } catch (IOException e) {
      throw new BadInputException(
          "The %s (%s) cannot be read: %s.".formatted(source.kind(), file, e.getMessage()),
          "check that it is a file that you may read.",
          e);
    }
  }

  /**
   * A file that was read whole.
   *
   * @throws BadInputException if it does not keep to the format
   */
  public static SafetensorsFile of(TensorSource source, byte[] bytes) {
    return parse(source, MemorySegment.ofArray(bytes));
  }

  public Path file() {
    return source.file();
  }

  /** What the header says about the file as a whole, by name. */
  public Map<String, String> metadata() {
    return metadata;
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
                        .formatted(entry.dtypeName, name, source.file()),
                    "choose the unquantised checkpoint of the model."));
    return new Tensor(
        source.file(),
        name,
        dtype,
        entry.shape,
        data.asSlice(entry.begin, entry.end - entry.begin));
  }

  /**
   * @throws BadInputException if there is no tensor of that name
   */
  void requireNamed(String name) {
    if (!entries.containsKey(name)) {
      throw new BadInputException(
          "The %s (%s) has no tensor %s.".formatted(source.kind(), source.file(), name),
          "it is of another kind: %s.".formatted(source.remedy()));
    }
  }

  private static SafetensorsFile parse(TensorSource source, MemorySegment all) {
    if (all.byteSize() < 8) {
      throw source.truncated("it has %d bytes, less than a header".formatted(all.byteSize()));
    }
    long headerBytes = all.get(LENGTH, 0);
    if (headerBytes < 2 || headerBytes > Math.min(MAX_HEADER_BYTES, all.byteSize() - 8)) {
      throw source.truncated(
          "its header claims %s bytes of a file of %d"
              .formatted(Long.toUnsignedString(headerBytes), all.byteSize()));
    }
    byte[] header = all.asSlice(8, headerBytes).toArray(ValueLayout.JAVA_BYTE);
    MemorySegment data = all.asSlice(8 + headerBytes);
    JsonNode root;
    try {
      root = JsonFile.mapper().readTree(header);
    } catch (JacksonException e) {
      throw JsonFile.refuse(source.file(), source.kind() + "'s header", e);
    }
    if (!root.isObject()) {
      throw source.malformed("its header is not a JSON object");
    }
    var entries = new ArrayList<Entry>();
    for (Map.Entry<String, JsonNode> property : root.properties()) {
      if (!property.getKey().equals(METADATA)) {
        entries.add(Entry.parse(source, property.getKey(), property.getValue()));
      }
    }
    requireCover(source, entries, data.byteSize());
    var byName = new LinkedHashMap<String, Entry>();
    entries.forEach(entry -> byName.put(entry.name, entry));
    return new SafetensorsFile(source, metadata(source, root.path(METADATA)), byName, data);
  }

  private static Map<String, String> metadata(TensorSource source, JsonNode node) {
    var metadata = new LinkedHashMap<String, String>();
    for (Map.Entry<String, JsonNode> property : node.properties()) {
      if (!property.getValue().isString()) {
        throw source.malformed("its metadata %s is not a string".formatted(property.getKey()));
      }
      metadata.put(property.getKey(), property.getValue().asString());
    }
    return Collections.unmodifiableMap(metadata);
  }

  private static void requireCover(TensorSource source, List<Entry> entries, long dataBytes) {
    long covered = 0;
    for (Entry entry :
        entries.stream()
            .sorted(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end))
            .toList()) {
      if (entry.begin != covered) {
        throw source.malformed(
            "the bytes of tensor %s start at %d where %d is due"
                .formatted(entry.name, entry.begin, covered));
      }
      if (entry.end > dataBytes) {
        throw source.truncated(
            "tensor %s ends at byte %d of %d".formatted(entry.name, entry.end, dataBytes));
      }
      covered = entry.end;
    }
    if (covered != dataBytes) {
      throw source.malformed("%d bytes follow the last tensor".formatted(dataBytes - covered));
    }
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
    static Entry parse(TensorSource source, String name, JsonNode node) {
      JsonNode offsets = node.path("data_offsets");
      if (!node.path("dtype").isString()
          || !node.path("shape").isArray()
          || !offsets.isArray()
          || offsets.size() != 2) {
        throw source.malformed(
            "tensor %s lacks its dtype, its shape or its two offsets".formatted(name));
      }
      String dtypeName = node.path("dtype").asString();
      var shape = new ArrayList<Long>();
      for (JsonNode dimension : node.path("shape")) {
        shape.add(size(source, name, dimension));
      }
      long begin = size(source, name, offsets.get(0));
      long end = size(source, name, offsets.get(1));
      var entry = new Entry(name, dtypeName, dtype(dtypeName), shape, begin, end);
      entry.requireBytes(source);
      return entry;
    }

    private void requireBytes(TensorSource source) {
      if (end < begin) {
        throw source.malformed("tensor %s spans bytes %d to %d".formatted(name, begin, end));
      }
      if (dtype.isEmpty()) {
        return;
      }
      long bytes = dtype.get().bytes();
      for (long size : shape) {
        if (size > 0 && bytes > Long.MAX_VALUE / size) {
          throw source.malformed("tensor %s has an impossible shape".formatted(name));
        }
        bytes *= size;
      }
      if (end - begin != bytes) {
        throw source.malformed(
            "tensor %s spans bytes %d to %d, its shape %s of %s needs %d"
                .formatted(name, begin, end, shape, dtypeName, bytes));
      }
    }

    private static Optional<Dtype> dtype(String text) {
      return Arrays.stream(Dtype.values()).filter(dtype -> dtype.name().equals(text)).findFirst();
    }

    private static long size(TensorSource source, String name, JsonNode node) {
      if (!node.isIntegralNumber() || !node.canConvertToLong() || node.longValue() < 0) {
        throw source.malformed("tensor %s has a size %s".formatted(name, node));
      }
      return node.longValue();
    }
  }
}
