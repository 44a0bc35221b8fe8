package io.sparseplan.plans.format;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.model.ModelIdentity;
import io.sparseplan.plans.plan.ImportedFrom;

/** A file of scores of heads, from which a share of them is made sparse. */
public non-sealed interface ScoresFormat extends Format {
  /** Whether the file looks like one of this format. */
  boolean recognises(PeerSource source);

  /** The layers and heads that the file scores. */
  FileShape shape(PeerSource source);

  /**
   * The scores.
   *
   * @throws BadInputException if a head is missing, a key is out of range, or a score is no number
   */
  ScoredHeads read(PeerSource source, ModelIdentity model);

  /** What a scores file keeps of the file. */
  ImportedFrom kept(PeerSource source);

  /** The scores in this format, for a file that was imported from it. */
  Exported write(HeadScores scores);
}
