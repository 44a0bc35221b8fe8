package io.sparseplan.search.strategy;

import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.search.problem.HeadLosses;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * DuoAttention's two classes of heads (arXiv 2410.10819): those with the highest scores stay dense,
 * all others stream a sink and a recent window. The knob is the share that stays dense, as in
 * {@code sparsify_attention_heads}; where no head may, the window shrinks.
 *
 * <p>A head's score is what the model's output loses, by the profile's gradients, when the head
 * alone streams: what DuoAttention's gates are trained to tell by distillation.
 */
public final class DuoAttention implements PeerStrategy {
  private static final int DENSE = 0;

  /** The deployed sizes ({@code sink_size}, {@code recent_size}). */
  private static final Tokens SINK = Tokens.of(128);

  private static final Tokens RECENT = Tokens.of(256);

  /** Below, the window grows to its deployed size; above, heads become dense. */
  private static final double ALL_STREAM = 0.5;

  private final PeerInput input;
  private final int deployed;
  private final List<Integer> narrower;
  private final List<Integer> highestScoreFirst;

  public DuoAttention(PeerInput input) {
    this.input = input;
    StreamingCandidates streaming = StreamingCandidates.nearest(input, SINK, RECENT);
    this.deployed = streaming.deployed();
    this.narrower = streaming.narrower();
    HeadLosses losses = input.outputLosses();
    this.highestScoreFirst =
        IntStream.range(0, input.places())
            .boxed()
            .sorted(
                Comparator.<Integer>comparingDouble(place -> losses.mean(place, deployed))
                    .reversed())
            .toList();
  }

  @Override
  public Optional<int[]> choose(double generosity) {
    int[] choice = new int[input.places()];
    if (generosity < ALL_STREAM) {
      int step = (int) (generosity / ALL_STREAM * (narrower.size() + 1));
      Arrays.fill(choice, step < narrower.size() ? narrower.get(step) : deployed);
      return Optional.of(choice);
    }
    Arrays.fill(choice, deployed);
    double share = (generosity - ALL_STREAM) / (1 - ALL_STREAM);
    highestScoreFirst.stream()
        .limit(Math.round(share * choice.length))
        .forEach(place -> choice[place] = DENSE);
    return Optional.of(choice);
  }
}
