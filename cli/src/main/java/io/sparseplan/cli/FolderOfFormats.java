package io.sparseplan.cli;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.format.FileCheck;
import io.sparseplan.plans.format.Format;
import io.sparseplan.plans.format.Formats;
import io.sparseplan.plans.format.PeerSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Runs all importers over the files of a directory: which format each is of, what was understood,
 * and whether it comes out of the exporter as it went in.
 */
final class FolderOfFormats {
  private FolderOfFormats() {}

  /** A row a file, and a line at the end; empty where every file was read and came out equal. */
  record Result(String table, List<String> failures) {}

  static Result check(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      throw new BadInputException(
          "The directory of formats (%s) is no directory.".formatted(directory),
          "name a directory of peers' files.");
    }
    List<Path> files;
    try (Stream<Path> walk = Files.walk(directory)) {
      files = walk.filter(Files::isRegularFile).sorted().toList();
    }
    var text = new StringBuilder();
    var failures = new ArrayList<String>();
    for (Path file : files) {
      String name = directory.relativize(file).toString();
      row(name, file)
          .ifPresent(
              row -> {
                text.append(row.line);
                if (!row.good) {
                  failures.add(name);
                }
              });
    }
    return new Result(text.toString(), failures);
  }

  private record Row(String line, boolean good) {}

  private static Optional<Row> row(String name, Path file) {
    try {
      for (Format format : Formats.all()) {
        if (format.fileNames().indexOf(file.getFileName().toString()) > 0) {
          return Optional.empty();
        }
      }
      PeerSource source = PeerSource.open(file, namesOf(file));
      List<Format> formats = Formats.recognising(source);
      if (formats.isEmpty()) {
        return Optional.of(new Row(line(name, "–", "of no format that is read here", "–"), true));
      }
      if (formats.size() > 1) {
        return Optional.of(
            new Row(
                line(name, "?", "looks like " + formats.stream().map(Format::name).toList(), "–"),
                false));
      }
      FileCheck check = FileCheck.of(formats.getFirst(), source);
      return Optional.of(
          new Row(
              line(name, formats.getFirst().name(), check.statistics(), check.comesBack()),
              check.isEqual()));
    } catch (BadInputException e) {
      return Optional.of(
          new Row(
              line(name, "!", e.getMessage().lines().findFirst().orElse(""), "not read"), false));
    }
  }

  /** The files that belong to it. */
  private static List<String> namesOf(Path file) {
    return Formats.all().stream()
        .map(Format::fileNames)
        .filter(names -> !names.isEmpty() && names.getFirst().equals(file.getFileName().toString()))
        .flatMap(List::stream)
        .distinct()
        .toList();
  }

  private static String line(String file, String format, String statistics, String comesBack) {
    return String.format(
        Locale.ROOT, "%s%n    %s; re-export %s%n    %s%n", file, format, comesBack, statistics);
  }
}
