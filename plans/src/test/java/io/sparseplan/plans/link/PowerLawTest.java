package io.sparseplan.plans.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparseplan.plans.link.PowerLaw.Point;
import java.util.List;
import java.util.Random;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

final class PowerLawTest {
  @Test
  void findsTheLawThatPointsLieOn() {
    PowerLaw law = new PowerLaw(2.04, 1.03);
    PowerLaw fitted =
        PowerLaw.through(
            DoubleStream.of(0.0003, 0.001, 0.004, 0.02)
                .mapToObj(x -> new Point(x, law.at(x)))
                .toList());
    assertThat(fitted.factor()).isCloseTo(law.factor(), within(1e-12));
    assertThat(fitted.exponent()).isCloseTo(law.exponent(), within(1e-12));
  }

  @Test
  void noLawComesCloserInTheSquaresOfLogarithms() {
    var random = new Random(5);
    List<Point> points =
        random
            .doubles(7, 1e-4, 1)
            .mapToObj(x -> new Point(x, 3 * x * Math.exp(random.nextGaussian() / 3)))
            .toList();
    PowerLaw fitted = PowerLaw.through(points);
    for (double factor : new double[] {0.999, 1, 1.001}) {
      for (double exponent : new double[] {0.999, 1, 1.001}) {
        var other = new PowerLaw(fitted.factor() * factor, fitted.exponent() * exponent);
        assertThat(squares(fitted, points)).isLessThanOrEqualTo(squares(other, points));
      }
    }
  }

  private static double squares(PowerLaw law, List<Point> points) {
    return points.stream()
        .mapToDouble(point -> Math.pow(Math.log(point.y() / law.at(point.x())), 2))
        .sum();
  }

  @Test
  void goesBackToWhereItCameFrom() {
    PowerLaw law = new PowerLaw(0.7, 1.4);
    assertThat(law.inverseAt(law.at(0.013))).isCloseTo(0.013, within(1e-15));
    assertThat(law.at(0)).isZero();
  }

  @Test
  void refusesPointsThatNoRisingLawPassesBy() {
    assertThatThrownBy(() -> PowerLaw.through(List.of(new Point(1, 2), new Point(1, 3))))
        .hasMessageContaining("stand at 1.0");
    assertThatThrownBy(() -> PowerLaw.through(List.of(new Point(1, 3), new Point(2, 2))))
        .hasMessageContaining("must be positive");
    assertThatThrownBy(() -> new Point(0, 1)).hasMessageContaining("(0.0, 1.0)");
  }
}
