package io.sparseplan.cli;

import io.sparseplan.plans.profile.LossKind;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads which loss a search minimises, in words with a hyphen. */
final class LossKindConverter implements ITypeConverter<LossKind> {
  @Override
  public LossKind convert(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "first-order" -> LossKind.FIRST_ORDER;
      case "output-error" -> LossKind.OUTPUT_ERROR;
      default ->
          throw new TypeConversionException(
              "'%s' is no loss to search by.\nMaybe give first-order or output-error."
                  .formatted(text));
    };
  }
}
