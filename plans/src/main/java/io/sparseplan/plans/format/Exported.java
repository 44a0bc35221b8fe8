package io.sparseplan.plans.format;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * What an exporter wrote.
 *
 * @param files contents by name; several belong into one directory
 * @param losses what the plan says and the files cannot, one sentence each
 */
public record Exported(Map<String, byte[]> files, List<String> losses) {
  public Exported {
    losses = List.copyOf(losses);
  }

  static Exported text(String name, String text, List<String> losses) {
    return new Exported(Map.of(name, text.getBytes(StandardCharsets.UTF_8)), losses);
  }
}
