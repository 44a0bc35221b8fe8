package io.sparseplan.cli;

import io.sparseplan.plans.BadInputException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import picocli.CommandLine.Model.CommandSpec;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * {@code sparseplan.yaml}: options by their names without dashes, at the top for every verb that
 * has them, or under a verb's name for that verb alone. JSON is YAML, so that one reader reads
 * both.
 */
final class ConfigFile {
  private static final List<String> USUAL_NAMES =
      List.of("sparseplan.yaml", "sparseplan.yml", "sparseplan.json");

  private static final YAMLMapper MAPPER =
      YAMLMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private final Path file;
  private final CommandSpec root;

  private ConfigFile(Path file, CommandSpec root) {
    this.file = file;
    this.root = root;
  }

  /** The file that a directory has, if it has one. */
  static Optional<Path> in(Path directory) {
    return USUAL_NAMES.stream().map(directory::resolve).filter(Files::exists).findFirst();
  }

  /**
   * What the file gives the options of one verb.
   *
   * @throws BadInputException if it is missing or malformed, or has a key that is no option
   */
  static Map<String, Setting> read(Path file, CommandSpec root, String verb) {
    return new ConfigFile(file, root).settings(verb);
  }

  private Map<String, Setting> settings(String verb) {
    JsonNode top = tree();
    Set<String> verbs = root.subcommands().keySet();
    Set<String> ofAllVerbs = OptionNames.below(root);
    var known = new TreeSet<>(ofAllVerbs);
    known.addAll(verbs);
    var settings = new TreeMap<String, Setting>();
    for (Map.Entry<String, JsonNode> entry : top.properties()) {
      requireKnown(entry.getKey(), "", known);
      if (ofAllVerbs.contains(entry.getKey()) && !isSection(entry, verbs)) {
        settings.put(entry.getKey(), setting(entry.getKey(), entry.getValue()));
      }
    }
    for (Map.Entry<String, JsonNode> section : top.properties()) {
      if (isSection(section, verbs)) {
        Set<String> ofVerb =
            OptionNames.below(root.subcommands().get(section.getKey()).getCommandSpec());
        for (Map.Entry<String, JsonNode> entry : section.getValue().properties()) {
          requireKnown(entry.getKey(), section.getKey() + ".", ofVerb);
          Setting setting = setting(section.getKey() + "." + entry.getKey(), entry.getValue());
          if (section.getKey().equals(verb)) {
            settings.put(entry.getKey(), setting);
          }
        }
      }
    }
    return settings;
  }

  /** A verb may be called as an option is: what is under it tells. */
  private static boolean isSection(Map.Entry<String, JsonNode> entry, Set<String> verbs) {
    return verbs.contains(entry.getKey()) && entry.getValue().isObject();
  }

  private JsonNode tree() {
    try {
      JsonNode top = MAPPER.readTree(Files.readString(file));
      if (top.isMissingNode() || top.isNull()) {
        return MAPPER.createObjectNode();
      }
      if (!top.isObject()) {
        throw malformed("it is no map of options");
      }
      return top;
    } catch (JacksonException e) {
      throw malformed(e.getOriginalMessage().lines().findFirst().orElse("unreadable"));
    } catch (CharacterCodingException e) {
      throw malformed("its bytes are no UTF-8 text");
    } catch (NoSuchFileException e) {
      throw new BadInputException(
          "The configuration (%s) does not exist.".formatted(file),
          "check the path given with --config.",
          e);
    } catch (IOException e) {
      throw new BadInputException(
          "The configuration (%s) cannot be read: %s: %s."
              .formatted(file, e.getClass().getSimpleName(), e.getMessage()),
          "check the path given with --config.",
          e);
    }
  }

  private BadInputException malformed(String why) {
    return new BadInputException(
        "The configuration (%s) is not valid: %s.".formatted(file, why),
        "see docs/configuration.md for its form.");
  }

  private void requireKnown(String key, String section, Set<String> known) {
    if (!known.contains(key)) {
      throw new BadInputException(
          "The configuration (%s) has the key %s%s, which is no option."
              .formatted(file, section, key),
          "you mean %s%s.".formatted(section, NearestName.of(key, known)));
    }
  }

  private Setting setting(String key, JsonNode node) {
    var values = new ArrayList<String>();
    if (node.isArray()) {
      node.forEach(element -> values.add(scalar(key, element)));
    } else if (node.isObject()) {
      node.properties()
          .forEach(entry -> values.add(entry.getKey() + "=" + scalar(key, entry.getValue())));
    } else {
      values.add(scalar(key, node));
    }
    return new Setting(values, file.toString());
  }

  private String scalar(String key, JsonNode node) {
    if (node.isNull() || !node.isValueNode()) {
      throw malformed("the key %s has the value %s".formatted(key, node));
    }
    return node.asString();
  }
}
