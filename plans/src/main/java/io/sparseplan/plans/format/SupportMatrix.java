package io.sparseplan.plans.format;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/**
 * What can be done with the patterns of each format, and which test holds that. One table for the
 * verb that shows it and for the documentation.
 */
public final class SupportMatrix {
  /** What can be done, in the order of columns. */
  public static final List<String> ABILITIES =
      List.of("profiled", "priced", "searched", "exported", "imported");

  /**
   * One format.
   *
   * @param patterns the kinds that it holds, in words
   * @param testOf the test of each ability; what is not there cannot be done
   */
  public record Row(Format format, String patterns, Map<String, String> testOf) {
    /** The test of an ability, if there is the ability. */
    public Optional<String> test(String ability) {
      return Optional.ofNullable(testOf.get(ability));
    }
  }

  private SupportMatrix() {}

  /** A row for each format, in their order. */
  public static List<Row> rows() {
    CSVFormat format = CSVFormat.RFC4180.builder().setHeader().setSkipHeaderRecord(true).get();
    try (InputStream in = SupportMatrix.class.getResourceAsStream("support.csv");
        Reader reader = new InputStreamReader(in, StandardCharsets.UTF_8);
        CSVParser parser = format.parse(reader)) {
      return parser.stream().map(SupportMatrix::row).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Row row(CSVRecord record) {
    var testOf = new LinkedHashMap<String, String>();
    ABILITIES.stream()
        .filter(ability -> !record.get(ability).isEmpty())
        .forEach(ability -> testOf.put(ability, record.get(ability)));
    return new Row(Formats.named(record.get("format")), record.get("patterns"), testOf);
  }

  /**
   * The table in Markdown.
   *
   * @param link of a test by its class name
   */
  public static String markdown(UnaryOperator<String> link) {
    var text = new StringBuilder("| `--from`, `--to` | system | patterns |");
    ABILITIES.forEach(ability -> text.append(' ').append(ability).append(" |"));
    text.append("\n|---|---|---|").append("---|".repeat(ABILITIES.size())).append('\n');
    for (Row row : rows()) {
      text.append(
          "| `%s` | %s | %s | ".formatted(row.format.name(), row.format.system(), row.patterns));
      text.append(
          ABILITIES.stream()
              .map(
                  ability ->
                      row.test(ability)
                          .map(test -> "[yes](%s)".formatted(link.apply(test)))
                          .orElse("–"))
              .collect(Collectors.joining(" | ")));
      text.append(" |\n");
    }
    return text.toString();
  }
}
