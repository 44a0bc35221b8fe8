package io.sparseplan.cli;

import io.sparseplan.plans.profile.LossKind;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads which loss a search minimises, in words with a hyphen. */
final class LossKindConverter implements ITypeConverter<LossKind> {
  /** What the user writes. */
  static String word(LossKind kind) {
    return kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  @Override
  public LossKind convert(String text) {
    return Arrays.stream(LossKind.values())
        .filter(kind -> word(kind).equalsIgnoreCase(text))
        .findFirst()
        .orElseThrow(
            () ->
                new TypeConversionException(
                    "'%s' is no loss to search by.\nMaybe give one of %s."
                        .formatted(
                            text,
                            Arrays.stream(LossKind.values())
                                .map(LossKindConverter::word)
                                .collect(Collectors.joining(", ")))));
  }
}
