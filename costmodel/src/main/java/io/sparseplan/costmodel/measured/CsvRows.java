package io.sparseplan.costmodel.measured;

import java.io.IOException;
import java.io.Reader;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Rows as CSV (RFC 4180): the first line names the columns, which are the fields of the JSON form;
 * {@code heads} holds its JSON, and an empty cell is a field that the row lacks.
 */
final class CsvRows {
  private static final Set<String> TEXTS =
      Set.of("gpu", "kernel", "torch", "timing", "phase", "dtype");

  private static final CSVFormat FORMAT =
      CSVFormat.RFC4180.builder().setIgnoreEmptyLines(false).get();

  private static final String BYTE_ORDER_MARK = "\uFEFF";

  private final RowDecoder decoder;
  private final List<String> columns;

  private CsvRows(RowDecoder decoder, List<String> columns) {
    this.decoder = decoder;
    this.columns = columns;
  }

  static void forEach(Reader in, RowDecoder decoder, RowSink sink) throws IOException {
    try (CSVParser parser = FORMAT.parse(in)) {
      Iterator<CSVRecord> records = parser.iterator();
      if (!records.hasNext()) {
        return;
      }
      var rows = new CsvRows(decoder, columns(records.next(), decoder));
      // Asked for before each record: a quoted cell may hold line ends.
      int line = Math.toIntExact(parser.getCurrentLineNumber()) + 1;
      while (records.hasNext()) {
        CSVRecord record = records.next();
        if (!isBlank(record)) {
          sink.accept(rows.fields(record, line), line);
        }
        line = Math.toIntExact(parser.getCurrentLineNumber()) + 1;
      }
    }
  }

  private static List<String> columns(CSVRecord header, RowDecoder decoder) {
    List<String> columns =
        header.stream().map(name -> name.replace(BYTE_ORDER_MARK, "").strip()).toList();
    var seen = new HashSet<String>();
    for (String column : columns) {
      if (column.isEmpty() || !seen.add(column)) {
        throw decoder.refuse(
            1, "", "the column (%s) has no name or occurs twice".formatted(column));
      }
    }
    return columns;
  }

  private static boolean isBlank(CSVRecord record) {
    return record.size() == 1 && record.get(0).isBlank();
  }

  private JsonNode fields(CSVRecord record, int line) {
    if (record.size() != columns.size()) {
      throw decoder.refuse(
          line, "", "it has %d cells for %d columns".formatted(record.size(), columns.size()));
    }
    ObjectNode fields = JsonNodeFactory.instance.objectNode();
    for (int column = 0; column < columns.size(); column++) {
      String cell = record.get(column).strip();
      if (!cell.isEmpty()) {
        fields.set(columns.get(column), value(columns.get(column), cell, line));
      }
    }
    return fields;
  }

  private JsonNode value(String column, String cell, int line) {
    if (TEXTS.contains(column)) {
      return JsonNodeFactory.instance.stringNode(cell);
    }
    String json = column.equals("causal") ? cell.toLowerCase(Locale.ROOT) : cell;
    return decoder.json(json, line, column);
  }
}
