package io.sparseplan.plans.file;

import io.sparseplan.plans.BadInputException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * JSON as this project reads and writes it. Reading is strict: an unknown, missing, null or
 * duplicate property is an error that names the file and the field. Writing is deterministic:
 * properties in the order of the record, line feeds, two spaces.
 */
public final class JsonFile {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .addModule(new FiniteNumbers())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
          .disable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .build();

  private JsonFile() {}

  /** The mapper itself, for what is not a whole file: one line of a JSONL, text to embed. */
  public static JsonMapper mapper() {
    return MAPPER;
  }

  /**
   * Reads a file into a record.
   *
   * @param what the file's part in the job, for messages: "plan", "profile"
   * @throws BadInputException if the file is missing, is no JSON, or does not fit the record
   */
  public static <T> T read(Path file, Class<T> type, String what) {
    try (InputStream in = Files.newInputStream(file)) {
      T value = MAPPER.readValue(in, type);
      if (value == null) {
        throw new BadInputException(
            "The %s (%s) is not valid: it holds null.".formatted(what, file),
            "it is of another kind.");
      }
      return value;
    } catch (JacksonException e) {
      throw refuse(file, what, e);
    } catch (NoSuchFileException e) {
      throw new BadInputException(
          "The %s (%s) does not exist.".formatted(what, file), "check the path.", e);
    } catch (IOException e) {
      throw new BadInputException(
          "The %s (%s) cannot be read: %s.".formatted(what, file, e.getMessage()),
          "check that it is a file that you may read.",
          e);
    }
  }

  /** Writes a record as indented JSON, whole or not at all. */
  public static void write(Path file, Object value) throws IOException {
    AtomicFile.write(
        file,
        out -> {
          out.write(pretty(value).getBytes(StandardCharsets.UTF_8));
          out.write('\n');
        });
  }

  /** The record as indented JSON text. */
  public static String pretty(Object value) {
    var indenter = new DefaultIndenter("  ", "\n");
    var printer =
        new DefaultPrettyPrinter().withObjectIndenter(indenter).withArrayIndenter(indenter);
    return MAPPER.writer().with(printer).writeValueAsString(value);
  }

  /** The error for a JSON text that does not fit, naming the field where Jackson knows it. */
  public static BadInputException refuse(Path file, String what, JacksonException e) {
    String field =
        e instanceof DatabindException mapping
            ? mapping.getPath().stream()
                .map(
                    step ->
                        step.getPropertyName() == null
                            ? "[" + step.getIndex() + "]"
                            : step.getPropertyName())
                .collect(Collectors.joining("."))
            : "";
    String at =
        e.getLocation() == null
            ? ""
            : " at line %d, column %d"
                .formatted(e.getLocation().getLineNr(), e.getLocation().getColumnNr());
    return new BadInputException(
        "The %s (%s) is not valid%s%s: %s"
            .formatted(
                what,
                file,
                field.isEmpty() ? "" : " in field " + field,
                at,
                e.getOriginalMessage().lines().findFirst().orElse("unreadable")),
        "it was cut short, edited by hand, or is of another kind.",
        e);
  }
}
