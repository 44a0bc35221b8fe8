package io.sparseplan.profiler.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Losses against their definitions in double, and gradients against central differences of them.
 */
final class ObjectiveRowTest {
  private static final int POSITIONS = 3;

  @ParameterizedTest
  @CsvSource({
    "LOG_ODDS, 2, 1",
    "LOG_ODDS, 37, 3",
    "LOG_ODDS, 64, 30",
    "CROSS_ENTROPY, 2, 1",
    "CROSS_ENTROPY, 37, 3",
    "CROSS_ENTROPY, 64, 30",
    "TEMPERED_CROSS_ENTROPY, 2, 1",
    "TEMPERED_CROSS_ENTROPY, 37, 3",
    "TEMPERED_CROSS_ENTROPY, 64, 30"
  })
  void lossAndGradientAreThoseOfTheDefinition(TokenLoss tokenLoss, int vocabulary, double spread) {
    var random = new Random(vocabulary);
    float[] logits = new float[vocabulary + 5];
    for (int i = 0; i < logits.length; i++) {
      logits[i] = (float) (spread * random.nextGaussian());
    }
    int right = vocabulary - 1;
    double[] z = new double[vocabulary];
    for (int i = 0; i < vocabulary; i++) {
      z[i] = logits[2 + i];
    }
    double loss =
        new ObjectiveRow(tokenLoss, vocabulary, POSITIONS).differentiate(logits, 2, right);
    assertThat(loss).isCloseTo(loss(tokenLoss, z, right), within(1e-5 * (1 + spread)));
    for (int i = 0; i < vocabulary; i++) {
      double step = 1e-5;
      double center = z[i];
      z[i] = center + step;
      double above = loss(tokenLoss, z, right);
      z[i] = center - step;
      double below = loss(tokenLoss, z, right);
      z[i] = center;
      assertThat((double) logits[2 + i])
          .as("logit %d", i)
          .isCloseTo((above - below) / (2 * step) / POSITIONS, within(1e-6));
    }
  }

  @ParameterizedTest
  @CsvSource({"LOG_ODDS, 100", "CROSS_ENTROPY, 80", "TEMPERED_CROSS_ENTROPY, 200"})
  void aTokenThatIsCertainStillHasTheGradientOfItsObjective(TokenLoss tokenLoss, float lead) {
    float[] logits = {0, lead, -1};
    new ObjectiveRow(tokenLoss, 3, 1).differentiate(logits, 0, 1);
    double temperature = tokenLoss == TokenLoss.TEMPERED_CROSS_ENTROPY ? 4 : 1;
    double others = 1 + Math.exp(-1 / temperature);
    double share =
        tokenLoss == TokenLoss.LOG_ODDS ? 1 : others / (others + Math.exp(lead / temperature));
    double expected = -share / temperature;
    assertThat((double) logits[1]).isCloseTo(expected, within(1e-5 * Math.abs(expected)));
    assertThat((double) logits[0]).isPositive();
  }

  private static double loss(TokenLoss tokenLoss, double[] z, int right) {
    double temperature = tokenLoss == TokenLoss.TEMPERED_CROSS_ENTROPY ? 4 : 1;
    double sum = 0;
    for (int i = 0; i < z.length; i++) {
      sum += i == right && tokenLoss == TokenLoss.LOG_ODDS ? 0 : Math.exp(z[i] / temperature);
    }
    return Math.log(sum) - z[right] / temperature;
  }
}
