package io.sparseplan.plans.profile;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.file.Sha256;
import io.sparseplan.plans.geometry.Tokens;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Which prompts were used, whatever their order in the file.
 *
 * @param hash hash over the sorted hashes of the prompts
 * @param lengths ascending by length
 */
public record PromptSet(@JsonProperty("sha256") Sha256 hash, List<LengthCount> lengths) {
  public PromptSet {
    lengths = List.copyOf(lengths);
    if (lengths.isEmpty()) {
      throw new IllegalArgumentException("The prompt set has no prompts.");
    }
  }

  /** One prompt's hash and length. */
  public record Member(Sha256 hash, Tokens length) {}

  public static PromptSet of(Collection<Member> members) {
    String sorted =
        members.stream()
            .map(member -> member.hash().hex())
            .sorted()
            .collect(Collectors.joining("\n"));
    var counts = new TreeMap<Tokens, Integer>();
    members.forEach(member -> counts.merge(member.length(), 1, Integer::sum));
    return new PromptSet(
        Sha256.of(sorted),
        counts.entrySet().stream()
            .map(entry -> new LengthCount(entry.getKey(), entry.getValue()))
            .toList());
  }
}
