package io.sparseplan.cli;

import io.sparseplan.plans.geometry.Extents;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads frames, rows and columns, such as 2x8x8. */
final class ExtentsConverter implements ITypeConverter<Extents> {
  private static final Pattern FORM =
      Pattern.compile("([1-9]\\d{0,5})x([1-9]\\d{0,5})x([1-9]\\d{0,5})");

  @Override
  public Extents convert(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      throw new TypeConversionException(
          "'%s' is not frames, rows and columns, each at least 1.\nMaybe give it as 2x8x8."
              .formatted(text));
    }
    try {
      return new Extents(
          Integer.parseInt(form.group(1)),
          Integer.parseInt(form.group(2)),
          Integer.parseInt(form.group(3)));
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage() + "\nMaybe give it as 2x8x8.");
    }
  }
}
