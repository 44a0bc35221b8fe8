package io.sparseplan.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.plans.file.Sha256;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.LayerCount;
import io.sparseplan.plans.model.ModelIdentity;
import io.sparseplan.plans.model.QueryHeads;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.profile.FirstOrderLoss;
import io.sparseplan.plans.profile.HeadStatistics;
import io.sparseplan.plans.profile.InfluenceMap;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.plans.profile.PromptStatistics;
import io.sparseplan.plans.profile.VisitedTiles;
import io.sparseplan.report.fixture.SyntheticPlan;
import io.sparseplan.report.fixture.SyntheticProfile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

class ReportSizeTest {
  private static final int MOST_BYTES = 3_000_000;
  private static final Random RANDOM = new Random(42);

  /** Drawn at random, every figure is as hard to compress as it can be; real ones are not. */
  @Test
  void eightyLayersOfSixtyFourHeadsStayUnderThreeMegabytesCompressed() throws IOException {
    Profile profile = randomProfile();
    var input = ReportInput.of(SyntheticPlan.of(profile)).with(profile);
    var compressed = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(compressed)) {
      ReportPage.write(input, gzip);
    }

    assertThat(compressed.size()).isLessThan(MOST_BYTES);
  }

  private static Profile randomProfile() {
    ModelIdentity model =
        SyntheticProfile.model("eighty-by-sixty-four", new LayerCount(80), new QueryHeads(64));
    List<Pattern> candidates = SyntheticProfile.candidates();
    var prompts = new ArrayList<PromptStatistics>();
    for (int length : new int[] {2048, 4096, 8192}) {
      for (int n = 0; n < 4; n++) {
        prompts.add(
            new PromptStatistics(
                Sha256.of(length + " " + n),
                Tokens.of(length),
                4,
                Stream.generate(() -> randomHead(candidates.size()))
                    .limit(model.headCount())
                    .toList()));
      }
    }
    return SyntheticProfile.profile(model, candidates, prompts);
  }

  private static HeadStatistics randomHead(int candidates) {
    var error = new float[candidates];
    for (int candidate = 1; candidate < candidates; candidate++) {
      error[candidate] = RANDOM.nextFloat() * 0.03f;
    }
    var mass = new byte[HeadStatistics.MAX_BLOCK_MASS_SIDE * HeadStatistics.MAX_BLOCK_MASS_SIDE];
    RANDOM.nextBytes(mass);
    return new HeadStatistics(
        randomShares(candidates),
        randomShares(candidates),
        error,
        new FirstOrderLoss(error, error, error),
        new float[] {1},
        RANDOM.nextFloat(),
        RANDOM.nextFloat(),
        mass,
        new InfluenceMap(RANDOM.nextFloat(), mass),
        error,
        new VisitedTiles(new short[0]));
  }

  private static float[] randomShares(int count) {
    var shares = new float[count];
    for (int i = 0; i < count; i++) {
      shares[i] = RANDOM.nextFloat();
    }
    return shares;
  }
}
