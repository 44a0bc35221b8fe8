package io.sparseplan.report.view;

import com.fasterxml.jackson.annotation.JsonProperty;

/** A name and a value of the provenance. */
public record Fact(String name, String value, Form form) {
  /** How the value is set. */
  public enum Form {
    @JsonProperty("text")
    TEXT,
    /** A hash or an identifier, in type of one width. */
    @JsonProperty("code")
    CODE,
    /** A command line that can be copied. */
    @JsonProperty("command")
    COMMAND
  }

  static Fact text(String name, String value) {
    return new Fact(name, value, Form.TEXT);
  }

  static Fact code(String name, String value) {
    return new Fact(name, value, Form.CODE);
  }

  static Fact command(String name, String value) {
    return new Fact(name, value, Form.COMMAND);
  }
}
