import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import com.google.googlejavaformat.java.ImportOrderer;
import com.google.googlejavaformat.java.JavaFormatterOptions;
import com.google.googlejavaformat.java.RemoveUnusedImports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/**
 * Checks or applies google-java-format to every Java source of the project: {@code Format.java
 * check|apply ROOT}. Exit code 1 when a file is not formatted. A source that was found formatted is
 * not parsed again until it changes, or the formatter does: {@code target/formatted-sources} keeps
 * the hashes.
 */
final class Format {
  /**
   * @param hash of the source as it is after this run
   * @param isFormatted whether it was before
   */
  private record Source(Path path, String hash, boolean isFormatted) {}

  public static void main(String[] args) throws Exception {
    boolean apply =
        switch (args[0]) {
          case "apply" -> true;
          case "check" -> false;
          default ->
              throw new IllegalArgumentException(
                  "The goal (" + args[0] + ") is not known.\nMaybe use check or apply.");
        };
    Path root = Path.of(args[1]);
    List<Path> paths;
    try (var walked = Files.walk(root)) {
      paths =
          walked
              .filter(path -> path.toString().endsWith(".java"))
              .filter(path -> !root.relativize(path).toString().matches("(.*/)?(target|build)/.*"))
              .sorted()
              .toList();
    }
    Path formatted = root.resolve("target").resolve("formatted-sources");
    Set<String> known =
        Files.exists(formatted) ? Set.copyOf(Files.readAllLines(formatted)) : Set.of();
    byte[] formatter =
        Files.readAllBytes(
            Path.of(Formatter.class.getProtectionDomain().getCodeSource().getLocation().toURI()));
    byte[] formatterHash = sha256(formatter);
    List<Source> sources =
        paths.parallelStream().map(path -> format(path, formatterHash, known, apply)).toList();
    List<Source> wrong = sources.stream().filter(source -> !source.isFormatted()).toList();
    System.out.printf(
        "Format: %d sources, %d %s%n", sources.size(), wrong.size(), apply ? "changed" : "wrong");
    Files.createDirectories(formatted.getParent());
    Files.write(
        formatted,
        sources.stream()
            .filter(source -> apply || source.isFormatted())
            .map(Source::hash)
            .toList());
    if (!wrong.isEmpty() && !apply) {
      wrong.forEach(
          source -> System.err.println("Not formatted: " + root.relativize(source.path())));
      System.err.println("Maybe run: mvn -N validate -Dformat.goal=apply");
      System.exit(1);
    }
  }

  private static Source format(Path path, byte[] formatter, Set<String> known, boolean apply) {
    try {
      String text = Files.readString(path);
      String hash = hash(formatter, text);
      if (known.contains(hash)) {
        return new Source(path, hash, true);
      }
      String formatted =
          new Formatter(JavaFormatterOptions.defaultOptions())
              .formatSource(
                  RemoveUnusedImports.removeUnusedImports(
                      ImportOrderer.reorderImports(text, JavaFormatterOptions.Style.GOOGLE)));
      if (text.equals(formatted)) {
        return new Source(path, hash, true);
      }
      if (apply) {
        Files.writeString(path, formatted);
      }
      return new Source(path, hash(formatter, formatted), false);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (FormatterException e) {
      throw new IllegalStateException(path + " is no Java source: " + e.getMessage(), e);
    }
  }

  private static String hash(byte[] formatter, String text) {
    MessageDigest digest = digest();
    digest.update(formatter);
    return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
  }

  private static byte[] sha256(byte[] bytes) {
    return digest().digest(bytes);
  }

  private static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
