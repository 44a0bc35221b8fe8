package io.sparseplan.plans.safetensors;

import io.sparseplan.plans.file.JsonFile;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes safetensors as the reference writer does: tensors of wide elements first, so that each is
 * aligned, and the header padded with spaces to a multiple of eight bytes. The same input gives the
 * same bytes.
 */
public final class SafetensorsWriter {
  private static final int ALIGNMENT = 8;

  /**
   * A tensor to write.
   *
   * @param shape outermost first
   * @param bytes the elements, row-major, little-endian
   */
  public record Part(String name, Dtype dtype, List<Long> shape, byte[] bytes) {
    public Part {
      shape = List.copyOf(shape);
      long elements = shape.stream().reduce(1L, Math::multiplyExact);
      if (elements * dtype.bytes() != bytes.length) {
        throw new IllegalArgumentException(
            "The tensor %s of shape %s of %s has %d bytes."
                .formatted(name, shape, dtype, bytes.length));
      }
    }

    /** Whether the other holds the same, bit by bit. */
    public boolean isSameAs(Part other) {
      return name.equals(other.name)
          && dtype == other.dtype
          && shape.equals(other.shape)
          && Arrays.equals(bytes, other.bytes);
    }
  }

  private SafetensorsWriter() {}

  /**
   * @param metadata what is said about the file as a whole
   * @param parts their order is kept among tensors of elements of one size
   */
  public static void write(OutputStream out, Map<String, String> metadata, List<Part> parts)
      throws IOException {
    List<Part> ordered =
        parts.stream()
            .sorted(Comparator.comparingInt((Part part) -> part.dtype().bytes()).reversed())
            .toList();
    byte[] header = JsonFile.mapper().writeValueAsBytes(header(metadata, ordered));
    int padded = Math.ceilDiv(header.length, ALIGNMENT) * ALIGNMENT;
    out.write(
        ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(padded).array());
    out.write(header);
    out.write(" ".repeat(padded - header.length).getBytes(StandardCharsets.UTF_8));
    for (Part part : ordered) {
      out.write(part.bytes());
    }
  }

  private static ObjectNode header(Map<String, String> metadata, List<Part> parts) {
    ObjectNode header = JsonFile.mapper().createObjectNode();
    ObjectNode about = header.putObject(SafetensorsFile.METADATA);
    metadata.forEach(about::put);
    long at = 0;
    for (Part part : parts) {
      if (header.has(part.name())) {
        throw new IllegalArgumentException("Two tensors are called %s.".formatted(part.name()));
      }
      ObjectNode entry = header.putObject(part.name());
      entry.put("dtype", part.dtype().name());
      part.shape().forEach(entry.putArray("shape")::add);
      entry.putArray("data_offsets").add(at).add(at + part.bytes().length);
      at += part.bytes().length;
    }
    return header;
  }
}
