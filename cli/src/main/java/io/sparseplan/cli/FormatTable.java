package io.sparseplan.cli;

import io.sparseplan.plans.format.Format;
import io.sparseplan.plans.format.SupportMatrix;
import java.util.List;
import java.util.Locale;

/** The formats as {@code show formats} prints them. */
final class FormatTable {
  private FormatTable() {}

  static String text() {
    var text = new StringBuilder();
    for (SupportMatrix.Row row : SupportMatrix.rows()) {
      Format format = row.format();
      line(text, format.name(), format.system());
      line(text, "", format.file());
      line(text, "", "patterns: " + row.patterns());
      List<String> can =
          SupportMatrix.ABILITIES.stream().filter(each -> row.test(each).isPresent()).toList();
      line(text, "", String.join(", ", can));
      if (!format.loses().isEmpty()) {
        line(text, "", "loses " + format.loses());
      }
    }
    return text.toString();
  }

  private static void line(StringBuilder text, String name, String words) {
    text.append(String.format(Locale.ROOT, "%-23s %s%n", name, words));
  }
}
