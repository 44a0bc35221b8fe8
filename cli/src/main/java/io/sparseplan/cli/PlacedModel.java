package io.sparseplan.cli;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.model.ModelIdentity;
import io.sparseplan.plans.profile.Arithmetic;
import io.sparseplan.profiler.ModelDirectory;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.evaluate.Backend;
import io.sparseplan.profiler.evaluate.CpuBackend;
import io.sparseplan.profiler.evaluate.GpuBackend;
import io.sparseplan.profiler.gpu.Gpu;
import io.sparseplan.profiler.llama.LlamaModel;
import io.sparseplan.profiler.statistics.CpuProfiledModel;
import io.sparseplan.profiler.statistics.GpuProfiledModel;
import io.sparseplan.profiler.statistics.ProfiledModel;
import java.util.Optional;

/** A model, and where it runs. */
sealed interface PlacedModel {
  /** With its weights in the heap, or mapped where they are too many. */
  record OnCpu(ModelDirectory.Loaded loaded) implements PlacedModel {
    @Override
    public ModelIdentity identity() {
      return loaded.identity();
    }

    @Override
    public Arithmetic arithmetic() {
      return Arithmetic.FLOAT32;
    }

    @Override
    public ProfiledModel toProfile() {
      return new CpuProfiledModel(loaded.model());
    }

    @Override
    public Backend toJudge() {
      return new CpuBackend(loaded.model());
    }

    @Override
    public LlamaModel inHeap() {
      return loaded.model();
    }
  }

  /** Its weights go to the GPU as often as something is done there, one thing at a time. */
  record OnGpu(Gpu gpu, ModelDirectory.Opened opened, Workers workers) implements PlacedModel {
    @Override
    public ModelIdentity identity() {
      return opened.identity();
    }

    @Override
    public Arithmetic arithmetic() {
      return Arithmetic.BF16;
    }

    @Override
    public ProfiledModel toProfile() {
      return GpuProfiledModel.open(gpu, opened.stored(workers), workers);
    }

    @Override
    public Backend toJudge() {
      return GpuBackend.open(gpu, opened.stored(workers), workers);
    }

    @Override
    public LlamaModel inHeap() {
      return opened.load(workers).model();
    }
  }

  /**
   * @param gpu none for the CPU
   * @throws BadInputException if the weights are not finite, or of another shape
   */
  static PlacedModel of(Optional<Gpu> gpu, ModelDirectory.Opened opened, Workers workers) {
    return gpu.<PlacedModel>map(given -> new OnGpu(given, opened, workers))
        .orElseGet(() -> new OnCpu(opened.load(workers)));
  }

  ModelIdentity identity();

  /** What it runs in. */
  Arithmetic arithmetic();

  /**
   * Ready to be profiled, until closed.
   *
   * @throws BadInputException if the GPU cannot be used now, or its memory is too small
   */
  ProfiledModel toProfile();

  /** Ready to be judged, likewise. */
  Backend toJudge();

  /** For what runs on the CPU alone. */
  LlamaModel inHeap();
}
