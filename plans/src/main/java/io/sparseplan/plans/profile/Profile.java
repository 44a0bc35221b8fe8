package io.sparseplan.plans.profile;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.Run;
import io.sparseplan.plans.file.Sha256;
import io.sparseplan.plans.file.Tool;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.TokenLayout;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.ModelIdentity;
import io.sparseplan.plans.pattern.Candidates;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.pattern.SelectedPattern;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/**
 * The statistics of one model on one set of prompts. Knows nothing of a GPU or of a budget.
 *
 * @param arithmetic what the prompts ran in
 * @param objective whose gradient the first-order losses and the influence are of
 * @param candidates the patterns that were scored; the first is dense
 * @param prompts one record a prompt, ordered by the prompt's hash, so that any split and merge of
 *     a set gives the same file
 * @param induction of the model; empty where no model was run
 */
public record Profile(
    ProfileSchemaVersion schemaVersion,
    Tool tool,
    ModelIdentity model,
    Arithmetic arithmetic,
    TokenLayout layout,
    PromptSet promptSet,
    Objective objective,
    List<Pattern> candidates,
    List<PromptStatistics> prompts,
    Optional<InductionScores> induction,
    Run run) {
  public Profile {
    candidates = Candidates.checked(candidates);
    Candidates.requireFit(candidates, layout);
    prompts = prompts.stream().sorted(Comparator.comparing(PromptStatistics::prompt)).toList();
    var seen = new HashSet<Sha256>();
    for (PromptStatistics prompt : prompts) {
      requireShape(prompt, model.headCount(), candidates, layout.grid(prompt.length()));
      if (!seen.add(prompt.prompt())) {
        throw new IllegalArgumentException(
            "The prompt %s is there twice.".formatted(prompt.prompt().abbreviated()));
      }
    }
    if (induction.isPresent() && induction.get().echo().size() != model.headCount()) {
      throw new IllegalArgumentException(
          "The induction scores are of %d heads; the model has %d."
              .formatted(induction.get().echo().size(), model.headCount()));
    }
    PromptSet found =
        PromptSet.of(
            prompts.stream()
                .map(prompt -> new PromptSet.Member(prompt.prompt(), prompt.length()))
                .toList());
    if (!found.equals(promptSet)) {
      throw new IllegalArgumentException(
          "The promptSet (%s) is not that of the prompts (%s)."
              .formatted(promptSet.hash().abbreviated(), found.hash().abbreviated()));
    }
  }

  /** A profile of a causal model in float32, without induction scores. */
  public Profile(
      ProfileSchemaVersion schemaVersion,
      Tool tool,
      ModelIdentity model,
      TileSize tile,
      PromptSet promptSet,
      Objective objective,
      List<Pattern> candidates,
      List<PromptStatistics> prompts,
      Run run) {
    this(
        schemaVersion,
        tool,
        model,
        Arithmetic.FLOAT32,
        TokenLayout.causal(tile),
        promptSet,
        objective,
        candidates,
        prompts,
        Optional.empty(),
        run);
  }

  /** The same with the induction scores of its model. */
  public Profile withInduction(InductionScores scores) {
    return new Profile(
        schemaVersion,
        tool,
        model,
        arithmetic,
        layout,
        promptSet,
        objective,
        candidates,
        prompts,
        Optional.of(scores),
        run);
  }

  private static void requireShape(
      PromptStatistics prompt, int headCount, List<Pattern> candidates, TileGrid grid) {
    int candidateCount = candidates.size();
    long selected = candidates.stream().filter(SelectedPattern.class::isInstance).count();
    if (prompt.heads().size() != headCount) {
      throw new IllegalArgumentException(
          "The prompt %s has %d heads; the model has %d."
              .formatted(prompt.prompt().abbreviated(), prompt.heads().size(), headCount));
    }
    for (HeadStatistics head : prompt.heads()) {
      List<Integer> counts =
          List.of(
              head.recall().length,
              head.worstDecileRecall().length,
              head.outputError().length,
              head.firstOrder().rowRms().length,
              head.droppedInfluence().length);
      if (counts.stream().anyMatch(count -> count != candidateCount)) {
        throw new IllegalArgumentException(
            "A head of prompt %s has statistics of %s candidates; the profile has %d."
                .formatted(prompt.prompt().abbreviated(), counts, candidateCount));
      }
      head.visited().requireFit(grid, selected);
    }
  }

  /**
   * The same profile with fewer candidates, as if no others had been scored.
   *
   * @param kept all of them scored here, dense first
   * @throws BadInputException if one was not scored
   */
  public Profile withCandidates(List<Pattern> kept) {
    int[] numbers = new int[kept.size()];
    for (int nth = 0; nth < numbers.length; nth++) {
      numbers[nth] = candidates.indexOf(kept.get(nth));
      if (numbers[nth] < 0) {
        throw new BadInputException(
            "The profile did not score the pattern %s.".formatted(kept.get(nth).label()),
            "profile with it among the candidates.");
      }
    }
    List<Pattern> selected = candidates.stream().filter(SelectedPattern.class::isInstance).toList();
    int[] keptSelected =
        kept.stream()
            .filter(SelectedPattern.class::isInstance)
            .mapToInt(selected::indexOf)
            .toArray();
    return new Profile(
        schemaVersion,
        tool,
        model,
        arithmetic,
        layout,
        promptSet,
        objective,
        kept,
        prompts.stream()
            .map(
                prompt ->
                    prompt.withCandidates(numbers, keptSelected, layout.grid(prompt.length())))
            .toList(),
        Optional.empty(),
        run);
  }

  /** The size of tiles. */
  public TileSize tile() {
    return layout.tile();
  }

  /** The lengths that were profiled, ascending. */
  public List<Tokens> lengths() {
    return promptSet.lengths().stream().map(LengthCount::length).toList();
  }

  /** The prompts of one length, ordered by hash. */
  public List<PromptStatistics> promptsOf(Tokens length) {
    return prompts.stream().filter(prompt -> prompt.length().equals(length)).toList();
  }

  /**
   * @throws BadInputException if the file is missing or is no profile
   */
  public static Profile read(Path file) {
    return ProfileFile.read(file);
  }

  /** Writes the file whole or not at all; the same profile gives the same bytes. */
  public void write(Path file) throws IOException {
    ProfileFile.write(file, this);
  }
}
