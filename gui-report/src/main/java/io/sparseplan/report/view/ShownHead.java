package io.sparseplan.report.view;

import java.util.List;
import java.util.OptionalDouble;

/**
 * What the page shows of a head beside the plan's decision. Means are over prompts, then over the
 * lengths of the workload by weight.
 *
 * @param chosen the candidate that the head runs, by its place in the list of candidates
 * @param recall share of the softmax weight that the choice keeps, 0..1; empty without a profile
 * @param sinkMass share of the softmax weight on the first key tile, 0..1; empty without a profile
 * @param entropyBits of a query's softmax weights, mean over queries; empty without a profile
 * @param retrieval answer tokens that the head copies from the prompt ÷ those that it could, 0..1;
 *     empty where no prompt has any
 * @param considered the candidates that nothing cheaper beats, and the choice, ascending by time,
 *     or by density where times are not known
 * @param recallPermille of the choice on each prompt: mean over rows; prompts in the order of the
 *     lengths
 * @param worstDecilePermille likewise: the row at the lowest tenth
 * @param mass the attention map at each profiled length, mean over prompts
 */
public record ShownHead(
    int chosen,
    OptionalDouble recall,
    OptionalDouble sinkMass,
    OptionalDouble entropyBits,
    OptionalDouble retrieval,
    List<Considered> considered,
    List<Integer> recallPermille,
    List<Integer> worstDecilePermille,
    List<CellMap> mass) {
  /**
   * A candidate as this head sees it.
   *
   * @param candidate its place in the list of candidates
   * @param loss in the unit of the plan's statistic
   * @param timeMicros its part of the workload's attention time, if every slot stays busy; empty
   *     where the plan's device table is not known
   */
  public record Considered(int candidate, double loss, double recall, OptionalDouble timeMicros) {}

  public ShownHead {
    considered = List.copyOf(considered);
    recallPermille = List.copyOf(recallPermille);
    worstDecilePermille = List.copyOf(worstDecilePermille);
    mass = List.copyOf(mass);
  }
}
