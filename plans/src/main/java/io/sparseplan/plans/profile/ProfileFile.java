package io.sparseplan.plans.profile;

import io.sparseplan.plans.file.AtomicFile;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.file.Run;
import io.sparseplan.plans.profile.ProfileHeader.PromptHeader;
import io.sparseplan.plans.safetensors.RecordColumns;
import io.sparseplan.plans.safetensors.SafetensorsFile;
import io.sparseplan.plans.safetensors.SafetensorsWriter;
import io.sparseplan.plans.safetensors.SafetensorsWriter.Part;
import io.sparseplan.plans.safetensors.TensorSource;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import tools.jackson.core.JacksonException;

/**
 * A profile as a safetensors file. The header's metadata holds two JSON texts: {@code profile}, a
 * {@link ProfileHeader}, and {@code run}, which alone differs between runs that mean the same. The
 * tensors are the columns of {@link HeadStatistics} and {@link HeadTraits}, one of each for each
 * prompt, called {@code promptSha256.component}; their first axis is the head.
 */
final class ProfileFile {
  private static final String PROFILE = "profile";
  private static final String RUN = "run";
  private static final RecordColumns<HeadStatistics> COLUMNS =
      new RecordColumns<>(HeadStatistics.class);
  private static final RecordColumns<HeadTraits> TRAITS = new RecordColumns<>(HeadTraits.class);

  private ProfileFile() {}

  static void write(Path file, Profile profile) throws IOException {
    var metadata = new LinkedHashMap<String, String>();
    metadata.put(PROFILE, JsonFile.mapper().writeValueAsString(ProfileHeader.of(profile)));
    metadata.put(RUN, JsonFile.mapper().writeValueAsString(profile.run()));
    var parts = new ArrayList<Part>();
    profile.prompts().forEach(prompt -> parts.addAll(parts(prompt)));
    AtomicFile.write(file, out -> SafetensorsWriter.write(out, metadata, parts));
  }

  private static List<Part> parts(PromptStatistics prompt) {
    String prefix = prefix(PromptHeader.of(prompt));
    var parts = new ArrayList<>(COLUMNS.parts(prefix, prompt.heads()));
    prompt.traits().ifPresent(traits -> parts.addAll(TRAITS.parts(prefix, traits.heads())));
    return parts;
  }

  /** Whether the file would hold the same bytes for both. */
  static boolean isSame(PromptStatistics one, PromptStatistics other) {
    if (!PromptHeader.of(one).equals(PromptHeader.of(other))) {
      return false;
    }
    List<Part> parts = parts(one);
    List<Part> otherParts = parts(other);
    return IntStream.range(0, parts.size())
        .allMatch(nth -> parts.get(nth).isSameAs(otherParts.get(nth)));
  }

  static Profile read(Path file) {
    var source = new TensorSource(file, "profile", "profile the model again");
    try (Arena arena = Arena.ofConfined()) {
      refuseOldJson(source);
      SafetensorsFile tensors = SafetensorsFile.map(source, arena);
      ProfileHeader header = parse(source, tensors, PROFILE, ProfileHeader.class);
      Run run = parse(source, tensors, RUN, Run.class);
      requireKnownTensors(source, tensors, header);
      var prompts = new ArrayList<PromptStatistics>();
      for (PromptHeader prompt : header.prompts()) {
        int heads = header.model().headCount();
        prompts.add(
            new PromptStatistics(
                prompt.prompt(),
                prompt.length(),
                prompt.answerTokens(),
                COLUMNS.read(source, prefix(prompt), heads, tensors::tensor),
                prompt
                    .needleTokens()
                    .map(
                        needleTokens ->
                            new PromptTraits(
                                needleTokens,
                                TRAITS.read(source, prefix(prompt), heads, tensors::tensor)))));
      }
      return new Profile(
          header.schemaVersion(),
          header.tool(),
          header.model(),
          header.arithmetic(),
          header.layout(),
          header.promptSet(),
          header.objective(),
          header.candidates(),
          prompts,
          header.induction(),
          run);
    } catch (IllegalArgumentException e) {
      throw source.malformed(e.getMessage().replaceFirst("\\.$", ""));
    }
  }

  private static String prefix(PromptHeader prompt) {
    return prompt.prompt().hex() + ".";
  }

  /** Profiles were JSON up to schema 2; the first bytes tell. */
  private static void refuseOldJson(TensorSource source) {
    try (InputStream in = Files.newInputStream(source.file())) {
      if (in.read() == '{') {
        throw source.malformed("it is JSON, as profiles up to schema 2 were");
      }
    } catch (IOException e) {
      // Whatever keeps it from being read is reported where it is mapped.
      return;
    }
  }

  private static <T> T parse(
      TensorSource source, SafetensorsFile tensors, String name, Class<T> type) {
    String text =
        Optional.ofNullable(tensors.metadata().get(name))
            .orElseThrow(() -> source.malformed("its header has no " + name));
    try {
      return Optional.ofNullable(JsonFile.mapper().readValue(text, type))
          .orElseThrow(() -> source.malformed("its %s is null".formatted(name)));
    } catch (JacksonException e) {
      throw JsonFile.refuse(source.file(), "profile", e);
    }
  }

  private static void requireKnownTensors(
      TensorSource source, SafetensorsFile tensors, ProfileHeader header) {
    var known = new HashSet<String>();
    for (PromptHeader prompt : header.prompts()) {
      known.addAll(COLUMNS.names(prefix(prompt)));
      if (prompt.needleTokens().isPresent()) {
        known.addAll(TRAITS.names(prefix(prompt)));
      }
    }
    for (String name : tensors.names()) {
      if (!known.contains(name)) {
        throw source.malformed(
            "its tensor %s is of no prompt and statistic that schema %d knows"
                .formatted(name, header.schemaVersion().number()));
      }
    }
  }
}
