package io.sparseplan.profiler.prompt;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.file.TextFile;
import io.sparseplan.profiler.ModelDirectory;
import io.sparseplan.profiler.ShippedModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The shipped answer prompts are those of the generator, and ask what they have stated. */
final class AnswerPromptsTest {
  private static final Path MODEL = ShippedModel.LLAMA_16M.directory();
  private static final Path FILE = MODEL.resolve("prompts-answers.jsonl.gz");

  @Test
  void theFileIsWhatTheGeneratorMakes() throws IOException {
    try (var text = TextFile.open(FILE)) {
      assertThat(text.lines().toList()).isEqualTo(AnswerPrompts.lines(MODEL));
    }
  }

  @Test
  void everyAnswerIsStatedBeforeItsQuestion() {
    List<Prompt> prompts = prompts();
    assertThat(prompts.stream().mapToInt(prompt -> prompt.answers().size()).sum())
        .isGreaterThanOrEqualTo(300);
    String[] vocabulary = vocabulary();
    for (Prompt prompt : prompts) {
      for (AnswerSpan answer : prompt.answers()) {
        assertThat(text(vocabulary, prompt, 0, answer.firstToken()))
            .as("before the answer at token %d of line %d", answer.firstToken(), prompt.line())
            .contains(text(vocabulary, prompt, answer.firstToken(), answer.endToken()));
      }
    }
  }

  @Test
  void halfOfThePromptsAskAnywhere() {
    long late =
        prompts().stream()
            .filter(
                prompt -> prompt.answers().getFirst().firstToken() > 0.7 * prompt.length().count())
            .count();
    assertThat(late).isEqualTo(prompts().size() / 2);
  }

  @Test
  void noPromptIsOneOfTheCalibration() {
    ModelDirectory model = ModelDirectory.open(MODEL);
    Set<String> calibration =
        PromptFile.read(model.defaultPrompts(), model.checkpoint(), model.geometry()).stream()
            .map(prompt -> prompt.hash().hex())
            .collect(Collectors.toSet());
    assertThat(prompts()).noneMatch(prompt -> calibration.contains(prompt.hash().hex()));
  }

  private static List<Prompt> prompts() {
    ModelDirectory model = ModelDirectory.open(MODEL);
    return PromptFile.read(FILE, model.checkpoint(), model.geometry());
  }

  /** The tokens as the tokenizer spells them: the same word may be split in several ways. */
  private static String[] vocabulary() {
    var tokens =
        JsonFile.mapper()
            .readTree(ShippedModel.LLAMA_16M.checkpointDirectory().resolve("tokenizer.json"))
            .path("model")
            .path("vocab");
    String[] spelled = new String[tokens.size()];
    tokens.forEachEntry((token, id) -> spelled[id.intValue()] = token);
    return spelled;
  }

  private static String text(String[] vocabulary, Prompt prompt, int from, int end) {
    return Arrays.stream(prompt.ids(), from, end)
        .mapToObj(id -> id < vocabulary.length ? vocabulary[id] : "")
        .collect(Collectors.joining());
  }
}
