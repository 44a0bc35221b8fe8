package io.sparseplan.profiler.prompt;

import io.sparseplan.plans.file.AtomicFile;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.profiler.ModelDirectory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;

/**
 * Makes {@code prompts-answers.jsonl.gz}: prompts with many questions, to tell plans apart by the
 * answers that they keep. In half of the prompts of a length the questions stand at the end, as in
 * the calibration prompts; in the other half they stand anywhere after what they ask for.
 *
 * <p>The filler is that of calibration prompts that a profile of the first three prompts of 2,048,
 * 4,096 or 8,192 tokens never sees. All facts are new. The same seed gives the same prompts.
 */
public final class AnswerPrompts {
  private static final long SEED = 20_480;
  private static final int FILLER_LENGTH = 8192;
  private static final int PROFILED_PER_LENGTH = 3;
  private static final int LONGEST_SHORT_FILLER = 1024;

  /** Statements that no question asks for, for each one that is asked for. */
  private static final double UNASKED = 0.5;

  private static final List<Kind> KINDS =
      List.of(new Kind(2048, 16, 8), new Kind(4096, 10, 14), new Kind(8192, 4, 20));

  /**
   * Prompts that are alike.
   *
   * @param tokens in each prompt
   * @param prompts how many, an even number
   * @param questions in each prompt
   */
  private record Kind(int tokens, int prompts, int questions) {}

  private enum Questions {
    AT_END,
    ANYWHERE;

    private String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Tokens to splice into the filler.
   *
   * @param before the filler's token that they stand before
   * @param answerTokens of the last ones, 0 for a statement
   */
  private record Splice(int before, int[] tokens, int answerTokens) {}

  private final Tokenizer tokenizer;
  private final Filler filler;
  private final SplittableRandom random = new SplittableRandom(SEED);

  private AnswerPrompts(Tokenizer tokenizer, Filler filler) {
    this.tokenizer = tokenizer;
    this.filler = filler;
  }

  /** Writes the prompts of the model in the first argument to the file in the second. */
  public static void main(String[] arguments) throws IOException {
    List<String> lines = lines(Path.of(arguments[0]));
    AtomicFile.write(
        Path.of(arguments[1]),
        out -> {
          var packed = new GZIPOutputStream(out);
          for (String line : lines) {
            packed.write((line + "\n").getBytes(StandardCharsets.UTF_8));
          }
          packed.finish();
        });
  }

  /** The lines of the file. */
  static List<String> lines(Path modelDirectory) {
    ModelDirectory model = ModelDirectory.open(modelDirectory);
    List<Prompt> calibration =
        PromptFile.read(model.defaultPrompts(), model.checkpoint(), model.geometry());
    try (Tokenizer tokenizer = Tokenizer.open(model.checkpoint())) {
      var prompts = new AnswerPrompts(tokenizer, new Filler(tokenizer, unprofiled(calibration)));
      return KINDS.stream().flatMap(kind -> prompts.lines(kind).stream()).toList();
    }
  }

  private static List<Prompt> unprofiled(List<Prompt> calibration) {
    Map<Integer, List<Prompt>> byLength =
        calibration.stream()
            .collect(
                Collectors.groupingBy(
                    prompt -> prompt.ids().length, TreeMap::new, Collectors.toList()));
    var unprofiled = new ArrayList<Prompt>();
    byLength.forEach(
        (length, prompts) -> {
          if (length == FILLER_LENGTH) {
            unprofiled.addAll(prompts.subList(PROFILED_PER_LENGTH, prompts.size()));
          } else if (length <= LONGEST_SHORT_FILLER) {
            unprofiled.addAll(prompts);
          }
        });
    return unprofiled;
  }

  private List<String> lines(Kind kind) {
    var lines = new ArrayList<String>();
    for (int i = 0; i < kind.prompts(); i++) {
      lines.add(line(kind, i % 2 == 0 ? Questions.AT_END : Questions.ANYWHERE));
    }
    return lines;
  }

  private String line(Kind kind, Questions questions) {
    List<Fact> facts = facts((int) Math.round(kind.questions() * (1 + UNASKED)));
    // Splices before their places are known: only their lengths say how much filler is left.
    List<Fact> asked = facts.subList(0, kind.questions());
    int spliced =
        facts.stream().mapToInt(fact -> statement(fact).length).sum()
            + asked.stream().mapToInt(fact -> question(fact).length).sum();
    int fillerTokens = kind.tokens() - 1 - spliced;
    var splices = new ArrayList<Splice>();
    for (int i = 0; i < facts.size(); i++) {
      Fact fact = facts.get(i);
      int[] places = {random.nextInt(fillerTokens), random.nextInt(fillerTokens)};
      Arrays.sort(places);
      boolean isAsked = i < asked.size();
      boolean atEnd = questions == Questions.AT_END;
      splices.add(
          new Splice(places[atEnd || !isAsked ? random.nextInt(2) : 0], statement(fact), 0));
      if (isAsked) {
        int answer = tokenizer.encode(fact.answer()).length;
        splices.add(new Splice(atEnd ? fillerTokens : places[1], question(fact), answer));
      }
    }
    splices.sort(Comparator.comparingInt(Splice::before));
    return json(questions, filler.take(fillerTokens), splices);
  }

  /** Facts of which no two have the same question. */
  private List<Fact> facts(int count) {
    var facts = new ArrayList<Fact>();
    var seen = new HashSet<String>();
    while (facts.size() < count) {
      Fact fact = Fact.draw(random);
      if (seen.add(fact.question())) {
        facts.add(fact);
      }
    }
    return facts;
  }

  private int[] statement(Fact fact) {
    return tokenizer.encode("\n" + fact.statement());
  }

  private int[] question(Fact fact) {
    return IntStream.concat(
            Arrays.stream(tokenizer.encode("\n" + fact.question())),
            Arrays.stream(tokenizer.encode(fact.answer())))
        .toArray();
  }

  private static String json(Questions questions, int[] filler, List<Splice> splices) {
    var ids = IntStream.builder();
    int length = 1;
    // The token that begins a text.
    ids.add(0);
    var answers = new ArrayList<int[]>();
    int taken = 0;
    for (Splice splice : splices) {
      for (; taken < splice.before(); taken++, length++) {
        ids.add(filler[taken]);
      }
      Arrays.stream(splice.tokens()).forEach(ids::add);
      length += splice.tokens().length;
      if (splice.answerTokens() > 0) {
        answers.add(new int[] {length - splice.answerTokens(), length});
      }
    }
    for (; taken < filler.length; taken++, length++) {
      ids.add(filler[taken]);
    }
    var line = JsonFile.mapper().createObjectNode();
    line.put("length", length);
    line.put("questions", questions.label());
    line.putPOJO("ids", ids.build().toArray());
    line.putPOJO("answers", answers);
    return line.toString();
  }
}
