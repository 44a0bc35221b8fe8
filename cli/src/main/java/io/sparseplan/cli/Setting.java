package io.sparseplan.cli;

import java.util.List;

/**
 * What a configuration gives one option.
 *
 * @param values one, or several where the option may be given again
 * @param source where it stands, for messages
 */
record Setting(List<String> values, String source) {
  Setting {
    values = List.copyOf(values);
  }
}
