package io.sparseplan.plans.format;

import java.util.List;

/** A file format of a peer: of plans, of scores that plans are made from, or of kernels' inputs. */
public sealed interface Format permits PlanFormat, VideoFormat, ScoresFormat, KernelFormat {
  /** What {@code --from} and {@code --to} call it. */
  String name();

  /** The systems whose runtime reads it. */
  String system();

  /** What the file is, in a few words. */
  String file();

  /** What of a plan does not survive the way there and back; empty where everything does. */
  String loses();

  /** The names of its files where it has more than one, the main one first. */
  default List<String> fileNames() {
    return List.of();
  }
}
