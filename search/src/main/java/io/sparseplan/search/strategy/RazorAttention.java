package io.sparseplan.search.strategy;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.profile.InductionScores;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * RazorAttention's retrieval heads (arXiv 2407.15891, §3): those with the highest induction scores
 * and a few with the highest echo scores, over the whole model, see every key; all others stream a
 * sink and a buffer. A key-value head has the highest score of its query heads. The knob is how
 * many heads are retrieval heads, echo to induction as published; where no head may be, the buffer
 * shrinks.
 *
 * <p>Not here: the compensation token that stands for the keys which others drop.
 */
public final class RazorAttention implements PeerStrategy {
  private static final int DENSE = 0;

  /** The published shares of retrieval heads: 14 % by induction, 1 % by echo. */
  private static final double ECHO_TO_INDUCTION = 0.01 / 0.14;

  /** Other heads keep a fifth of the context; the published buffer is never below 4,000 tokens. */
  private static final double BUFFER = 0.2;

  private static final Tokens SINK = Tokens.of(128);

  /** Below, the buffer grows to its published size; above, heads become retrieval heads. */
  private static final double ALL_STREAM = 0.5;

  private final PeerInput input;
  private final List<Integer> buffers;
  private final List<Integer> byInduction;
  private final List<Integer> byEcho;

  /**
   * @throws BadInputException if the profile has no induction scores
   */
  public RazorAttention(PeerInput input) {
    this.input = input;
    Tokens longest = input.workload().lengths().getLast().length();
    this.buffers =
        StreamingCandidates.nearest(
                input, SINK, Tokens.of((int) Math.round(BUFFER * longest.count())))
            .sparsestFirst();
    InductionScores scores =
        input
            .profile()
            .induction()
            .orElseThrow(
                () ->
                    new BadInputException(
                        "The profile of %s has no induction scores, by which razor_attention chooses."
                            .formatted(input.profile().model().name()),
                        "profile the model anew, not a capture."));
    this.byInduction = highestFirst(scores::induction);
    this.byEcho = highestFirst(scores::echo);
  }

  /** The key-value heads of the model, in layer-major order. */
  private List<Integer> highestFirst(IntToDoubleFunction scoreOfQueryHead) {
    int shared = input.profile().model().attention().groupSize();
    double[] scores = new double[input.profile().model().headCount() / shared];
    Arrays.setAll(
        scores,
        kvHead ->
            IntStream.range(kvHead * shared, (kvHead + 1) * shared)
                .mapToDouble(scoreOfQueryHead)
                .max()
                .orElseThrow());
    return IntStream.range(0, scores.length)
        .boxed()
        .sorted(Comparator.comparingDouble((Integer kvHead) -> -scores[kvHead]))
        .toList();
  }

  @Override
  public Optional<int[]> choose(double generosity) {
    int[] choice = new int[input.places()];
    if (generosity < ALL_STREAM) {
      int step = (int) (generosity / ALL_STREAM * buffers.size());
      Arrays.fill(choice, buffers.get(step));
      return Optional.of(choice);
    }
    Arrays.fill(choice, buffers.getLast());
    double share = (generosity - ALL_STREAM) / (1 - ALL_STREAM);
    long induction = Math.round(share * byInduction.size());
    long echo = Math.round(ECHO_TO_INDUCTION * induction);
    byInduction.stream().limit(induction).forEach(kvHead -> keepDense(kvHead, choice));
    byEcho.stream().limit(echo).forEach(kvHead -> keepDense(kvHead, choice));
    return Optional.of(choice);
  }

  private void keepDense(int kvHead, int[] choice) {
    int places = choice.length / byInduction.size();
    Arrays.fill(choice, kvHead * places, (kvHead + 1) * places, DENSE);
  }
}
