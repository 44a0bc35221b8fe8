package io.sparseplan.report.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The ramps of the maps, for people who see fewer colours: each step must be as much lighter, or
 * darker, than the one before for them as for others. Kinds of vision are simulated as in Machado,
 * Oliveira and Fernandes, "A Physiologically-based Model for Simulation of Color Vision
 * Deficiency", 2009, table 1, severity 1; lightness is that of Oklab, in which the ramps are mixed.
 */
final class ColourRampTest {
  private static final int STEPS = 16;

  /** Of lightness 0..1: what the sixteen steps of a ramp that spans a quarter have. */
  private static final double LEAST_STEP = 0.015;

  private static final double[][] TO_CONES = {
    {0.4122214708, 0.5363325363, 0.0514459929},
    {0.2119034982, 0.6806995451, 0.1073969566},
    {0.0883024619, 0.2817188376, 0.6299787005}
  };
  private static final double[][] FROM_CONES = {
    {4.0767416621, -3.3077115913, 0.2309699292},
    {-1.2684380046, 2.6097574011, -0.3413193965},
    {-0.0041960863, -0.7034186147, 1.7076147010}
  };
  private static final double[][] TO_LAB = {
    {0.2104542553, 0.7936177850, -0.0040720468},
    {1.9779984951, -2.4285922050, 0.4505937099},
    {0.0259040371, 0.7827717662, -0.8086757660}
  };
  private static final double[][] FROM_LAB = {
    {1, 0.3963377774, 0.2158037573},
    {1, -0.1055613458, -0.0638541728},
    {1, -0.0894841775, -1.2914855480}
  };

  private enum Vision {
    TRICHROMAT(new double[][] {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}),
    PROTANOPE(
        new double[][] {
          {0.152286, 1.052583, -0.204868},
          {0.114503, 0.786281, 0.099216},
          {-0.003882, -0.048116, 1.051998}
        }),
    DEUTERANOPE(
        new double[][] {
          {0.367322, 0.860646, -0.227968},
          {0.280085, 0.672501, 0.047413},
          {-0.011820, 0.042940, 0.968881}
        }),
    TRITANOPE(
        new double[][] {
          {1.255528, -0.076749, -0.178779},
          {-0.078411, 0.930809, 0.147602},
          {0.004733, 0.691367, 0.303900}
        });

    private final double[][] seen;

    Vision(double[][] seen) {
      this.seen = seen;
    }
  }

  /** A ramp in light or in dark; colours are linear red, green and blue. */
  private record Ramp(String name, double[] low, double[] middle, double[] high) {
    List<Double> lightness(Vision vision) {
      double[] from = lab(low);
      double[] half = lab(middle);
      double[] to = lab(high);
      double toHalf = (STEPS - 1) / 2.0;
      List<Double> steps = new ArrayList<>();
      for (int step = 0; step < STEPS; step++) {
        double[] mixed =
            step < toHalf
                ? mixed(from, half, step / toHalf)
                : mixed(half, to, (step - toHalf) / toHalf);
        steps.add(lab(times(vision.seen, rgb(mixed)))[0]);
      }
      return steps;
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyStepIsLighterOrDarkerForEveryKindOfVision(Vision vision) throws IOException {
    for (Ramp ramp : ramps()) {
      List<Double> lightness = ramp.lightness(vision);
      double direction = Math.signum(lightness.getLast() - lightness.getFirst());
      for (int step = 1; step < STEPS; step++) {
        assertThat(direction * (lightness.get(step) - lightness.get(step - 1)))
            .as("%s, step %d", ramp.name, step)
            .isGreaterThan(LEAST_STEP);
      }
    }
  }

  @Test
  void thereIsARampForEachBasisAndForMasksInLightAndDark() throws IOException {
    assertThat(ramps())
        .extracting(Ramp::name)
        .containsExactlyInAnyOrder(
            "counted light",
            "counted dark",
            "mask light",
            "mask dark",
            "measured light",
            "measured dark",
            "estimated light",
            "estimated dark");
  }

  private static List<Ramp> ramps() throws IOException {
    String css;
    try (InputStream in = PageParts.class.getResourceAsStream("style/ramp.css")) {
      css = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    Matcher ramp =
        Pattern.compile(
                "\\[data-ramp=\"(\\w+)\"] \\{\\s*"
                    + "--lo: light-dark\\((\\S+), (\\S+)\\);\\s*"
                    + "--mid: light-dark\\((\\S+), (\\S+)\\);\\s*"
                    + "--hi: light-dark\\((\\S+), (\\S+)\\);")
            .matcher(css);
    List<Ramp> ramps = new ArrayList<>();
    while (ramp.find()) {
      for (int dark = 0; dark < 2; dark++) {
        ramps.add(
            new Ramp(
                ramp.group(1) + (dark == 0 ? " light" : " dark"),
                linear(ramp.group(2 + dark)),
                linear(ramp.group(4 + dark)),
                linear(ramp.group(6 + dark))));
      }
    }
    return ramps;
  }

  private static double[] linear(String hex) {
    var rgb = new double[3];
    for (int at = 0; at < 3; at++) {
      double value = Integer.parseInt(hex, 1 + 2 * at, 3 + 2 * at, 16) / 255.0;
      rgb[at] = value <= 0.04045 ? value / 12.92 : Math.pow((value + 0.055) / 1.055, 2.4);
    }
    return rgb;
  }

  private static double[] lab(double[] rgb) {
    double[] cones = times(TO_CONES, rgb);
    for (int at = 0; at < 3; at++) {
      cones[at] = Math.cbrt(cones[at]);
    }
    return times(TO_LAB, cones);
  }

  private static double[] rgb(double[] lab) {
    double[] cones = times(FROM_LAB, lab);
    for (int at = 0; at < 3; at++) {
      cones[at] = Math.pow(cones[at], 3);
    }
    return times(FROM_CONES, cones);
  }

  private static double[] mixed(double[] from, double[] to, double share) {
    var mixed = new double[3];
    for (int at = 0; at < 3; at++) {
      mixed[at] = from[at] + share * (to[at] - from[at]);
    }
    return mixed;
  }

  private static double[] times(double[][] matrix, double[] vector) {
    var product = new double[3];
    for (int row = 0; row < 3; row++) {
      for (int at = 0; at < 3; at++) {
        product[row] += matrix[row][at] * vector[at];
      }
    }
    return product;
  }
}
