package io.sparseplan.plans.profile;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.file.Sha256;
import io.sparseplan.plans.geometry.Tokens;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Which prompts were used, whatever their order in the file.
 *
 * @param hash hash over the sorted hashes of the prompts
 * @param lengths ascending by length
 * @param members the hash of each prompt, sorted
 */
public record PromptSet(
    @JsonProperty("sha256") Sha256 hash,
    List<LengthCount> lengths,
    @JsonProperty("promptSha256s") List<Sha256> members) {
  public PromptSet {
    lengths = List.copyOf(lengths);
    members = List.copyOf(members);
    int counted = lengths.stream().mapToInt(LengthCount::prompts).sum();
    if (members.isEmpty() || members.size() != counted) {
      throw new IllegalArgumentException(
          "The prompt set names %d prompts and counts %d.".formatted(members.size(), counted));
    }
    if (!hash.equals(hashOf(members))) {
      throw new IllegalArgumentException(
          "The sha256 (%s) of the prompt set is not that of its members."
              .formatted(hash.abbreviated()));
    }
  }

  /** One prompt's hash and length. */
  public record Member(Sha256 hash, Tokens length) {}

  public static PromptSet of(Collection<Member> prompts) {
    List<Sha256> members = prompts.stream().map(Member::hash).sorted().toList();
    var counts = new TreeMap<Tokens, Integer>();
    prompts.forEach(member -> counts.merge(member.length(), 1, Integer::sum));
    return new PromptSet(
        hashOf(members),
        counts.entrySet().stream()
            .map(entry -> new LengthCount(entry.getKey(), entry.getValue()))
            .toList(),
        members);
  }

  /** Whether no prompt is in both sets. */
  public boolean isDisjointFrom(PromptSet other) {
    return Collections.disjoint(members, other.members);
  }

  private static Sha256 hashOf(List<Sha256> members) {
    return Sha256.of(members.stream().map(Sha256::hex).collect(Collectors.joining("\n")));
  }
}
