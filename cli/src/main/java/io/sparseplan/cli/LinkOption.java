package io.sparseplan.cli;

import io.sparseplan.plans.link.LossLink;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What measured losses were found to follow predicted ones by. */
final class LinkOption {
  @Option(
      names = "--link",
      paramLabel = "FILE",
      description =
          "What the verb link wrote for this profile: --max-loss then bounds the loss that is"
              + " measured, KL(dense‖plan) in nats a token, and the plan's is estimated.")
  private Optional<Path> file = Optional.empty();

  /** The link; read before anything long is started. */
  Optional<LossLink> link() {
    return file.map(LossLink::read);
  }
}
