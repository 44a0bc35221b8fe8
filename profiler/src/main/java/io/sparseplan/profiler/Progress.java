package io.sparseplan.profiler;

/** Is told how far a long job is. */
@FunctionalInterface
public interface Progress {
  /** Listens to nothing. */
  Progress NONE = (done, all) -> {};

  /**
   * @param done work that is done, in a unit of the job's own
   * @param all the whole job in that unit
   */
  void at(double done, double all);
}
