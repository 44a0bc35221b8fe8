package io.sparseplan.cli;

import io.sparseplan.plans.geometry.Tokens;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a length in tokens, at least one. */
final class LengthConverter implements ITypeConverter<Tokens> {
  @Override
  public Tokens convert(String text) {
    try {
      int count = Integer.parseInt(text);
      if (count >= 1) {
        return Tokens.of(count);
      }
    } catch (NumberFormatException e) {
      // Said below, together with what is too small.
    }
    throw new TypeConversionException(
        "'%s' is not a positive number of tokens.\nMaybe give lengths such as 1024,2048."
            .formatted(text));
  }
}
