package io.sparseplan.profiler.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.geometry.Extents;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.TokenLayout;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.geometry.VideoLayout;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.pattern.TriShape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CandidateSetTest {
  private static final TokenLayout LANGUAGE = TokenLayout.causal(TileSize.DEFAULT);
  private static final TokenLayout VIDEO =
      TokenLayout.of(
          new VideoLayout(new Extents(18, 24, 24), Tokens.of(64), new Extents(2, 8, 8)),
          TileSize.DEFAULT);

  @TempDir Path directory;

  @Test
  void theStandardSetReadsBackFromItsFile() throws IOException {
    Path file = directory.resolve("candidates.json");
    JsonFile.write(file, CandidateSet.standard());
    assertThat(CandidateSet.read(file)).isEqualTo(CandidateSet.standard());
  }

  @Test
  void everyFamilyAndAllTogetherReadBackAndAreNamedApart() throws IOException {
    for (TokenLayout layout : List.of(LANGUAGE, VIDEO)) {
      List<CandidateFamily> families = CandidateFamily.allOf(layout);
      for (CandidateFamily family : families) {
        assertThat(CandidateSet.of(List.of(family), layout).candidates())
            .as(family.title())
            .hasSizeGreaterThan(5)
            .allMatch(candidate -> candidate.fits(layout));
      }
      CandidateSet mixed = CandidateSet.of(families, layout);
      Path file = directory.resolve("candidates.json");
      JsonFile.write(file, mixed);
      assertThat(CandidateSet.read(file)).isEqualTo(mixed);
      assertThat(mixed.candidates().stream().map(Pattern::label)).doesNotHaveDuplicates();
      assertThat(mixed.candidates()).containsAll(CandidateSet.standard(layout).candidates());
    }
  }

  @Test
  void aFamilyOfAnotherLayoutIsRefused() {
    assertThatThrownBy(() -> CandidateSet.of(List.of(CandidateFamily.SLIDING_TILE)))
        .isInstanceOf(BadInputException.class)
        .hasMessage(
            "The family sliding-tile means nothing where attention is causal.\nMaybe take streaming, tri-shape, strided, vertical-slash, block-topk, block-topp, kv-budget, page-topk, compensated-buffer, antidiagonal, similarity, hierarchical, skip-softmax, hash-buckets.");
    assertThatThrownBy(() -> CandidateSet.of(List.of(CandidateFamily.STREAMING), VIDEO))
        .hasMessageContaining("attention is video 18x24x24+64 in blocks of 2x8x8");
  }

  @Test
  void aSetIsWrittenByHand() throws IOException {
    Path file = directory.resolve("candidates.json");
    Files.writeString(
        file,
        """
        {"schemaVersion": 1, "candidates": [
          {"kind": "dense"},
          {"kind": "tri_shape", "sinkTokens": 64, "alphaTokens": 0, "beta": 0.1, "lastTokens": 7}
        ]}
        """);
    assertThat(CandidateSet.read(file).candidates())
        .containsExactly(new Dense(), new TriShape(Tokens.of(64), Tokens.of(0), 0.1, Tokens.of(7)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[]                                                     | first of the candidates",
        "[{\"kind\": \"elastic_span\", \"sinkTokens\": 1, \"alphaTokens\": 1, \"beta\": 0}]"
            + " | first of the candidates",
        "[{\"kind\": \"dense\"}, {\"kind\": \"dense\"}]         | dense twice",
        "[{\"kind\": \"dense\"}, {\"kind\": \"psychic\"}]       | psychic",
        "[{\"kind\": \"dense\"}, null]                          | candidate set",
        "[{\"kind\": \"dense\"}, {\"kind\": \"elastic_span\", \"sinkTokens\": -1, \"alphaTokens\": 1,"
            + " \"beta\": 0}] | -1",
        "[{\"kind\": \"dense\"}, {\"kind\": \"tri_shape\", \"sinkTokens\": 1, \"alphaTokens\": 1,"
            + " \"beta\": 0, \"lastTokens\": 0}] | lastTokens (0)",
      })
  void anOddSetIsRefused(String candidates, String said) throws IOException {
    Path file = directory.resolve("candidates.json");
    Files.writeString(file, "{\"schemaVersion\": 1, \"candidates\": " + candidates + "}");
    assertThatThrownBy(() -> CandidateSet.read(file))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(said);
  }
}
