import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.ImportOrderer;
import com.google.googlejavaformat.java.JavaFormatterOptions;
import com.google.googlejavaformat.java.RemoveUnusedImports;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Checks or applies google-java-format to every Java source of the project: {@code Format.java
 * check|apply ROOT}. Exit code 1 when a file is not formatted.
 */
final class Format {
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
    List<Path> sources;
    try (var paths = Files.walk(root)) {
      sources =
          paths
              .filter(path -> path.toString().endsWith(".java"))
              .filter(path -> !root.relativize(path).toString().matches("(.*/)?(target|build)/.*"))
              .sorted()
              .toList();
    }
    var formatter = new Formatter(JavaFormatterOptions.defaultOptions());
    int wrong = 0;
    for (Path source : sources) {
      String text = Files.readString(source);
      String formatted =
          formatter.formatSource(
              RemoveUnusedImports.removeUnusedImports(
                  ImportOrderer.reorderImports(text, JavaFormatterOptions.Style.GOOGLE)));
      if (text.equals(formatted)) {
        continue;
      }
      wrong++;
      if (apply) {
        Files.writeString(source, formatted);
      } else {
        System.err.println("Not formatted: " + root.relativize(source));
      }
    }
    System.out.printf(
        "Format: %d sources, %d %s%n", sources.size(), wrong, apply ? "changed" : "wrong");
    if (wrong > 0 && !apply) {
      System.err.println("Maybe run: mvn -N validate -Dformat.goal=apply");
      System.exit(1);
    }
  }
}
