package io.sparseplan.plans.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparseplan.plans.geometry.Tokens;
import java.io.IOException;
import java.io.StringReader;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;
import org.junit.jupiter.api.Test;

final class HeadSummaryTest {
  private static final SampleProfile SAMPLE = SampleProfile.SMALL;

  /** Two prompts of 512 tokens and one of 1,024. */
  private static Profile profile() {
    return SAMPLE.of(
        List.of(
            SAMPLE.prompt(4, Tokens.of(512)),
            SAMPLE.prompt(5, Tokens.of(512)),
            SAMPLE.prompt(8, Tokens.of(1024))));
  }

  @Test
  void meansAreOverPrompts() {
    Profile profile = profile();
    HeadSummary found = HeadSummary.of(profile, 4, profile.prompts());
    double entropy = 0;
    double sink = 0;
    double slashes = 0;
    for (PromptStatistics prompt : profile.prompts()) {
      entropy += prompt.heads().get(4).entropyBits() / 3;
      sink += prompt.heads().get(4).sinkMass() / 3;
      slashes += traits(prompt, 4).verticalSlash().slashes() / 3.0;
    }
    assertThat(found.id()).hasToString("L1.H1");
    assertThat(found.entropyBits()).isCloseTo(entropy, within(1e-6));
    assertThat(found.sinkMass()).isCloseTo(sink, within(1e-6));
    assertThat(found.traits().orElseThrow().slashes()).isCloseTo(slashes, within(1e-6));
    assertThat(found.echo()).contains(profile.induction().orElseThrow().echo(4));
  }

  @Test
  void retrievalIsOverNeedleTokensNotOverPrompts() {
    Profile profile = profile();
    double hits = profile.prompts().stream().mapToInt(prompt -> traits(prompt, 2).copyHits()).sum();
    assertThat(HeadSummary.of(profile, 2, profile.prompts()).traits().orElseThrow().retrieval())
        .contains(hits / (4 + 5 + 8));
  }

  @Test
  void onlyPromptsOfOneLengthAgree() {
    Profile profile = profile();
    List<PromptStatistics> pair = profile.promptsOf(Tokens.of(512));
    double agreement =
        traits(pair.get(0), 3).keptTiles().agreement(traits(pair.get(1), 3).keptTiles());
    assertThat(HeadSummary.of(profile, 3, profile.prompts()).traits().orElseThrow().keptAgreement())
        .contains(agreement);
    assertThat(
            HeadSummary.of(profile, 3, profile.promptsOf(Tokens.of(1024)))
                .traits()
                .orElseThrow()
                .keptAgreement())
        .isEmpty();
  }

  @Test
  void channelsAreRankedByTheirMeanProduct() {
    Profile profile = profile();
    List<Integer> channels =
        HeadSummary.of(profile, 1, profile.prompts()).traits().orElseThrow().channels();
    assertThat(channels).hasSize(64).doesNotHaveDuplicates();
    assertThat(channels)
        .isSortedAccordingTo(
            Comparator.comparingDouble(
                channel ->
                    -profile.prompts().stream()
                        .mapToDouble(prompt -> traits(prompt, 1).channelProducts()[channel])
                        .sum()));
  }

  @Test
  void aProfileWithoutTraitsHasTheRest() {
    List<PromptStatistics> bare =
        profile().prompts().stream()
            .map(
                prompt ->
                    new PromptStatistics(
                        prompt.prompt(), prompt.length(), prompt.answerTokens(), prompt.heads()))
            .toList();
    Profile profile = SAMPLE.of(bare);
    assertThat(HeadSummary.of(profile, 0, bare).traits()).isEmpty();
    assertThat(HeadSummary.of(profile, 0, bare).entropyBits()).isPositive();
  }

  @Test
  void theCsvHasARowAHeadAndReadsBack() throws IOException {
    Profile profile = profile();
    List<HeadSummary> heads = HeadSummary.all(profile, profile.prompts());
    var text = new StringBuilder();
    HeadSummaryCsv.write(heads, text);
    List<CSVRecord> rows =
        CSVFormat.RFC4180
            .builder()
            .setHeader()
            .setSkipHeaderRecord(true)
            .get()
            .parse(new StringReader(text.toString()))
            .getRecords();
    assertThat(rows).hasSize(6);
    for (int place = 0; place < 6; place++) {
      CSVRecord row = rows.get(place);
      TraitSummary traits = heads.get(place).traits().orElseThrow();
      assertThat(row.size()).isEqualTo(17);
      assertThat(row.get("layer")).isEqualTo(String.valueOf(place / 3));
      assertThat(Double.parseDouble(row.get("sinkMass"))).isEqualTo(heads.get(place).sinkMass());
      assertThat(Optional.of(Double.parseDouble(row.get("induction"))))
          .isEqualTo(heads.get(place).induction());
      assertThat(Double.parseDouble(row.get("antidiagonalThreshold")))
          .isEqualTo(traits.antidiagonalThreshold());
      assertThat(row.get("channels").split(" "))
          .containsExactly(
              IntStream.range(0, 64)
                  .mapToObj(n -> traits.channels().get(n).toString())
                  .toArray(String[]::new));
    }
  }

  private static HeadTraits traits(PromptStatistics prompt, int place) {
    return prompt.traits().orElseThrow().heads().get(place);
  }
}
