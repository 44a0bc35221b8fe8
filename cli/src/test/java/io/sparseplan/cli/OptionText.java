package io.sparseplan.cli;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.plan.Pin;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import picocli.CommandLine.TypeConversionException;

/** Values of options that have a form of their own. */
enum OptionText implements Intake {
  MAX_TIME("12.5ms"),
  MAX_TIME_AT("0.5"),
  MAX_KV("512MiB"),
  PIN("L3.H5=dense"),
  LENGTH("1024"),
  BLOCK("2x8x8"),
  LOSS("output-error");

  private static final Tokens LENGTH_OF_LIMIT = Tokens.of(1024);

  private final String seed;

  OptionText(String seed) {
    this.seed = seed;
  }

  @Override
  public byte[] seed() {
    return seed.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void read(byte[] bytes, Path directory) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    try {
      read(text);
    } catch (TypeConversionException e) {
      // The command line shows it, as it shows a BadInputException.
      throw new BadInputException(text, "correct it.", e);
    } catch (IllegalArgumentException e) {
      if (e.getClass() != IllegalArgumentException.class) {
        throw e;
      }
      // Verbs add the remedy, which depends on the option.
      throw new BadInputException(e.getMessage(), "correct it.", e);
    }
  }

  private void read(String text) {
    switch (this) {
      case MAX_TIME -> LimitParser.time(text);
      case MAX_TIME_AT -> LimitParser.timeAt(LENGTH_OF_LIMIT, text);
      case MAX_KV -> LimitParser.kv(LENGTH_OF_LIMIT, text);
      case PIN -> Pin.parse(text);
      case LENGTH -> new LengthConverter().convert(text);
      case BLOCK -> new ExtentsConverter().convert(text);
      case LOSS -> new LossKindConverter().convert(text);
    }
  }
}
