package io.sparseplan.cli;

import io.sparseplan.plans.file.AtomicFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/** A text that goes to a file where one was named, and else to standard output. */
final class TextOutput {
  private TextOutput() {}

  static void write(String text, Optional<Path> file, PrintWriter out) throws IOException {
    if (file.isPresent()) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      AtomicFile.write(file.get(), stream -> stream.write(bytes));
    } else {
      out.print(text);
      out.flush();
    }
  }
}
