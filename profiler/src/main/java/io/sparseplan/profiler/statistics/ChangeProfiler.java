package io.sparseplan.profiler.statistics;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.plan.HeadPlan;
import io.sparseplan.plans.profile.Objective;
import io.sparseplan.plans.refinement.PromptChanges;
import io.sparseplan.profiler.attention.AttentionTiles;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.llama.ForwardObserver;
import io.sparseplan.profiler.llama.ForwardTape;
import io.sparseplan.profiler.llama.LlamaModel;
import io.sparseplan.profiler.objective.LossGradient;
import io.sparseplan.profiler.prompt.Prompt;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Takes the gradients of the divergence at a sparse plan.
 *
 * <p>Idea: at dense attention KL(dense ‖ plan) has its minimum; its gradient there is zero, and a
 * profile has only its curvature, head by head. At a plan it has a gradient, and that gradient
 * knows of all the other heads: to second order in what the plan does, ∂KL/∂O_h = Σ_h' H_hh' Δ_h',
 * the products of heads that a sum over heads leaves out. So with Δ = O_c − O_plan, computed from
 * the queries, keys and values that the plan itself comes to,
 *
 * <pre>KL(plan with head h on c) ≈ KL(plan) + Σ_rows ⟨∂KL/∂O, Δ⟩ + ½·N·Σ_rows ⟨∂L/∂O, Δ⟩².</pre>
 *
 * <p>The gradient by the logits is (p_plan − p_dense) ÷ N, exactly: no label is drawn, so its
 * signed sum may be used. The curvature by the logits, diag(p) − p·pᵀ with p = p_plan whatever
 * p_dense is, is that of labels drawn from the plan's own prediction, whose mean cross-entropy L is
 * ({@link Objective#KL}); as in a profile, the products of different rows are left out. Curvature
 * of the network between O and the logits is left out too (Gauss and Newton; Schraudolph, Fast
 * curvature matrix-vector products, 2002).
 */
public final class ChangeProfiler {
  private final LlamaModel model;
  private final List<Pattern> candidates;

  /**
   * @param candidates to score; not one of them has to be a plan's
   */
  public ChangeProfiler(LlamaModel model, List<Pattern> candidates) {
    this.model = model;
    this.candidates = List.copyOf(candidates);
  }

  /** Runs a prompt dense, and with the plan there and back, twice. */
  public PromptChanges changes(Prompt prompt, HeadPlan plan) {
    TileGrid grid = TileGrid.causal(prompt.length(), plan.layout().tile());
    Activations dense =
        model.forward(prompt.ids(), AttentionTiles.dense(grid), new BitSet(), ForwardObserver.NONE);
    AttentionTiles tiles = AttentionTiles.of(plan, grid);
    var tape = model.tape(prompt.ids().length);
    Activations states = model.forward(prompt.ids(), tiles, new BitSet(), tape);
    LossGradient divergence =
        LossGradient.ofDivergence(dense, states, model.vocabulary(), model.workers());
    List<HeadChanges> slopes = score(tape, tiles, divergence);
    LossGradient drawn =
        LossGradient.of(prompt, Objective.KL, states, model.vocabulary(), model.workers());
    List<HeadChanges> curvatures = score(tape, tiles, drawn);
    double predictedTokens = prompt.ids().length - 1;
    double[][] changes = new double[slopes.size()][candidates.size()];
    for (int head = 0; head < changes.length; head++) {
      for (int candidate = 0; candidate < changes[head].length; candidate++) {
        changes[head][candidate] =
            slopes.get(head).signed()[candidate]
                + 0.5 * predictedTokens * curvatures.get(head).squared()[candidate];
      }
    }
    return new PromptChanges(prompt.length(), divergence.loss(), changes);
  }

  /** In layer-major order. */
  private List<HeadChanges> score(ForwardTape tape, AttentionTiles tiles, LossGradient loss) {
    var scorer = new ChangeScorer(candidates, tiles, model.geometry().attention(), model.workers());
    var lastLayerFirst = new ArrayList<List<HeadChanges>>();
    model.backward(
        tape,
        tiles,
        loss.states(),
        (attention, outputGradient, blocks) ->
            lastLayerFirst.add(scorer.score(attention, outputGradient)));
    return lastLayerFirst.reversed().stream().flatMap(List::stream).toList();
  }
}
