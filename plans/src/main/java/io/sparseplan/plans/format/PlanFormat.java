package io.sparseplan.plans.format;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.model.ModelIdentity;
import io.sparseplan.plans.plan.HeadPlan;
import io.sparseplan.plans.plan.ImportedFrom;

/** A file that says what heads run. */
public non-sealed interface PlanFormat extends Format {
  /** Whether the file looks like one of this format; what {@link #read} makes of it is open. */
  boolean recognises(PeerSource source);

  /**
   * The layers and heads that the file itself tells of.
   *
   * @throws BadInputException if it is none of this format
   */
  FileShape shape(PeerSource source);

  /**
   * What every head runs.
   *
   * @throws BadInputException if a field is missing, of another kind, out of range, or does not fit
   *     the model
   */
  ImportedHeads read(PeerSource source, ModelIdentity model, ImportOptions options);

  /** Whether the file leaves nothing to decide but what the options have. */
  default boolean decides(PeerSource source, ModelIdentity model) {
    return true;
  }

  /** What a plan keeps of the file: its text, where that says something that no pattern holds. */
  ImportedFrom kept(PeerSource source);

  /**
   * The plan in this format.
   *
   * @throws BadInputException if a head runs what the format cannot say
   */
  Exported write(HeadPlan plan);
}
