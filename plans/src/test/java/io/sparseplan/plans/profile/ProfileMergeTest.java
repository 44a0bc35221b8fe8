package io.sparseplan.plans.profile;

import static io.sparseplan.plans.profile.SampleProfile.RUN;
import static io.sparseplan.plans.profile.SampleProfile.SMALL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.Sha256;
import io.sparseplan.plans.file.Tool;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.LayerCount;
import io.sparseplan.plans.model.ModelIdentity;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ProfileMergeTest {
  @TempDir Path directory;
  private Path a;
  private Path b;

  @BeforeEach
  void writeTwo() throws IOException {
    a = write("a", SMALL.of(1, 5));
    b = write("b", SMALL.of(2, 4, 3));
  }

  private Path write(String name, Profile profile) throws IOException {
    Path file = directory.resolve(name + ".profile");
    profile.write(file);
    return file;
  }

  private Path merged(Path... files) throws IOException {
    return write("merged", ProfileMerge.ofFiles(List.of(files), RUN));
  }

  @Test
  void aMergeIsOneRunOverBothSetsInAnyOrder() throws IOException {
    Path whole = write("whole", SMALL.of(1, 2, 3, 4, 5));
    assertThat(merged(a, b)).hasSameBinaryContentAs(whole);
    assertThat(merged(b, a)).hasSameBinaryContentAs(whole);
  }

  @Test
  void threeMergeAtOnceOrOneAfterTheOther() throws IOException {
    Path c = write("c", SMALL.of(6));
    Path whole = write("whole", SMALL.of(1, 2, 3, 4, 5, 6));
    assertThat(merged(c, a, b)).hasSameBinaryContentAs(whole);
    Path two = write("two", ProfileMerge.ofFiles(List.of(c, b), RUN));
    assertThat(merged(two, a)).hasSameBinaryContentAs(whole);
  }

  @Test
  void aPromptThatIsTheSameInBothIsThereOnce() throws IOException {
    Path overlapping = write("overlapping", SMALL.of(5, 6));
    assertThat(merged(a, overlapping)).hasSameBinaryContentAs(write("whole", SMALL.of(1, 5, 6)));
  }

  @Test
  void aPromptOfOtherStatisticsIsRefused() throws IOException {
    PromptStatistics other = SMALL.prompt(7, Tokens.of(128));
    Sha256 one = Sha256.of("prompt 1");
    Path conflict =
        write(
            "conflict",
            SMALL.of(List.of(new PromptStatistics(one, other.length(), 1, other.heads()))));
    assertThatThrownBy(() -> ProfileMerge.ofFiles(List.of(a, conflict), RUN))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("The prompt " + one.abbreviated())
        .hasMessageContaining(a.toString())
        .hasMessageContaining(conflict.toString());
  }

  @Test
  void theNameOfTheModelDoesNotMatterAndTheFirstIsKept() throws IOException {
    Path renamed =
        write("renamed", changed(basis -> withModel(basis, basis.model().named("a-sample"))));
    assertThat(merged(a, renamed)).hasSameBinaryContentAs(merged2(renamed, a));
    assertThat(Profile.read(merged(a, renamed)).model().name()).isEqualTo("a-sample");
  }

  private Path merged2(Path... files) throws IOException {
    return write("merged2", ProfileMerge.ofFiles(List.of(files), RUN));
  }

  @Test
  void whatDiffersIsNamed() throws IOException {
    assertRefused(
        basis -> withModel(basis, model(basis, Sha256.of("other"), Sha256.of("weights"))),
        "the config.json of the model");
    assertRefused(
        basis -> withModel(basis, model(basis, Sha256.of("config"), Sha256.of("other"))),
        "the weights of the model: sample (2 layers, 3 heads), weights");
    assertRefused(
        basis ->
            new ProfileBasis(
                basis.tool(), basis.model(), basis.tile(), Objective.CE, basis.candidates()),
        "the objective: MARGIN here, CE there");
    assertRefused(
        basis -> basis.in(Arithmetic.BF16),
        "the arithmetic: float32 on the CPU here, bf16 on a GPU there");
    assertRefused(
        basis ->
            new ProfileBasis(
                new Tool("sparseplan", "9.9"),
                basis.model(),
                basis.tile(),
                basis.objective(),
                basis.candidates()),
        "sparseplan 9.9 there");
    assertRefusedFile(
        write("fewer", new SampleProfile(new LayerCount(2), SMALL.heads(), 3).of(9)),
        "the candidates: 4 (dense, ");
  }

  @Test
  void tilesOfTwoSizesAreNamed() {
    ProfileBasis basis = ProfileBasis.of(SMALL.of(1));
    var halved =
        new ProfileBasis(
            basis.tool(), basis.model(), new TileSize(64), basis.objective(), basis.candidates());
    assertThat(basis.differenceFrom(halved)).contains("the tile: 128 here, 64 there");
    assertThat(basis.differenceFrom(basis)).isEmpty();
  }

  private void assertRefused(UnaryOperator<ProfileBasis> change, String named) throws IOException {
    assertRefusedFile(write("changed", changed(change)), named);
  }

  private void assertRefusedFile(Path other, String named) {
    assertThatThrownBy(() -> ProfileMerge.ofFiles(List.of(a, other), RUN))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(a.toString())
        .hasMessageContaining(other.toString())
        .hasMessageContaining(named)
        .hasMessageContaining("\nMaybe ");
  }

  /** A prompt of one tile, of whatever size tiles are. */
  private static Profile changed(UnaryOperator<ProfileBasis> change) {
    Profile profile = SMALL.of(List.of(SMALL.prompt(9, Tokens.of(64))));
    return change
        .apply(ProfileBasis.of(profile))
        .profileOf(profile.prompts(), RUN)
        .withInduction(profile.induction().orElseThrow());
  }

  private static ProfileBasis withModel(ProfileBasis basis, ModelIdentity model) {
    return new ProfileBasis(
        basis.tool(), model, basis.tile(), basis.objective(), basis.candidates());
  }

  private static ModelIdentity model(ProfileBasis basis, Sha256 config, Sha256 weights) {
    var model = basis.model();
    return new ModelIdentity(
        model.name(),
        model.architecture(),
        config,
        weights,
        model.layers(),
        model.attention(),
        model.rope(),
        model.headAxis());
  }
}
