package io.sparseplan.profiler.evaluate;

import io.sparseplan.plans.evaluation.Measured;
import io.sparseplan.plans.evaluation.Measured.AtLength;
import io.sparseplan.plans.evaluation.Measured.MissedAnswer;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.profiler.prompt.AnswerSpan;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** Adds up prompts to the figures of an evaluation; every token counts the same. */
final class MeasuredTally {
  private final Sums all = new Sums();
  private final TreeMap<Tokens, Sums> byLength = new TreeMap<>();
  private final List<MissedAnswer> missed = new ArrayList<>();

  private static final class Sums {
    double loss;
    long lossTokens;
    double allLoss;
    double divergence;
    long allTokens;
    int answers;
    int exact;

    void add(PromptScores prompt) {
      prompt.prompt().lossPositions().stream().forEach(t -> loss += prompt.scores().loss()[t]);
      lossTokens += prompt.prompt().lossPositions().cardinality();
      for (int t = 0; t < prompt.scores().loss().length; t++) {
        allLoss += prompt.scores().loss()[t];
        divergence += prompt.divergence()[t];
      }
      allTokens += prompt.scores().loss().length;
      for (AnswerSpan answer : prompt.prompt().answers()) {
        answers++;
        exact += prompt.isExact(answer) ? 1 : 0;
      }
    }

    /** Of weights that predict nothing it is past the largest double, which no file can hold. */
    double perplexity() {
      return Math.min(Math.exp(allLoss / allTokens), Double.MAX_VALUE);
    }

    double exactShare() {
      return answers == 0 ? 1 : (double) exact / answers;
    }
  }

  void add(PromptScores prompt) {
    all.add(prompt);
    Tokens length = prompt.prompt().length();
    byLength.computeIfAbsent(length, absent -> new Sums()).add(prompt);
    for (AnswerSpan answer : prompt.prompt().answers()) {
      if (!prompt.isExact(answer)) {
        missed.add(new MissedAnswer(prompt.prompt().line(), length, answer.firstToken()));
      }
    }
  }

  Measured measured() {
    return new Measured(
        all.loss / all.lossTokens,
        all.perplexity(),
        all.divergence / all.allTokens,
        all.exactShare(),
        all.answers,
        byLength.entrySet().stream()
            .map(
                entry ->
                    new AtLength(
                        entry.getKey(),
                        entry.getValue().loss / entry.getValue().lossTokens,
                        entry.getValue().perplexity(),
                        entry.getValue().divergence / entry.getValue().allTokens,
                        entry.getValue().exactShare(),
                        entry.getValue().answers))
            .toList(),
        missed);
  }
}
