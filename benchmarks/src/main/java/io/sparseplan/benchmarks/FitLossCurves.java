package io.sparseplan.benchmarks;

import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.search.synthetic.LossCurveFit;
import java.nio.file.Path;

/**
 * Prints the loss curves of a profile as JSON: what {@code llama-16m.losses.json} was made by, from
 * the profile of {@code bin/sparseplan tune models/llama-16m --max-time 0.5}.
 *
 * <p>Run from the project's root: {@code bin/benchmark --main FitLossCurves PROFILE}
 */
public final class FitLossCurves {
  private FitLossCurves() {}

  public static void main(String[] arguments) {
    Profile profile = Profile.read(Path.of(arguments[0]));
    String fittedTo =
        "output errors of %s, %d prompts of lengths %s"
            .formatted(profile.model().name(), profile.prompts().size(), profile.lengths());
    System.out.println(JsonFile.pretty(LossCurveFit.of(profile, fittedTo)));
  }
}
