package io.sparseplan.plans.file;

/** The program that made a file. */
public record Tool(String name, String version) {
  /** This program. */
  public static final Tool THIS = new Tool("sparseplan", "0.1.0");
}
