package io.sparseplan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.file.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import tools.jackson.databind.node.ObjectNode;

/**
 * A profile's bytes apart from its run, as a stranger finds them.
 *
 * @param header the JSON header without the run
 * @param data hash of all bytes after the header
 */
record ProfileBytes(String header, Sha256 data) {
  static ProfileBytes withoutRun(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    int length = (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
    ObjectNode header =
        (ObjectNode)
            JsonFile.mapper().readTree(new String(bytes, 8, length, StandardCharsets.UTF_8));
    assertThat(((ObjectNode) header.path("__metadata__")).remove("run")).isNotNull();
    byte[] data = Arrays.copyOfRange(bytes, 8 + length, bytes.length);
    return new ProfileBytes(header.toString(), Sha256.of(data));
  }
}
