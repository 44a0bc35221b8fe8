package io.sparseplan.plans.file;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** The program that made a file. */
public record Tool(String name, String version) {
  /** This program. */
  public static final Tool THIS = new Tool("sparseplan", builtVersion());

  private static String builtVersion() {
    var properties = new Properties();
    try (InputStream in = Tool.class.getResourceAsStream("version.properties")) {
      properties.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return properties.getProperty("version");
  }
}
