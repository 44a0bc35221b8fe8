package io.sparseplan.plans.file;

import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.deser.std.StdScalarDeserializer;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.StdScalarSerializer;

/**
 * Numbers that are numbers: "NaN", 1e999 and quoted digits are refused on reading, and a value that
 * is not finite is never written.
 */
final class FiniteNumbers extends SimpleModule {
  FiniteNumbers() {
    addDeserializer(double.class, new Reader());
    addDeserializer(Double.class, new Reader());
    addSerializer(double.class, new Writer());
    addSerializer(Double.class, new Writer());
  }

  private static final class Reader extends StdScalarDeserializer<Double> {
    Reader() {
      super(Double.class);
    }

    @Override
    public Double deserialize(JsonParser parser, DeserializationContext context) {
      JsonToken token = parser.currentToken();
      if (token != JsonToken.VALUE_NUMBER_FLOAT && token != JsonToken.VALUE_NUMBER_INT) {
        return (Double)
            context.reportInputMismatch(Double.class, "%s is not a number", parser.getString());
      }
      double value = parser.getDoubleValue();
      if (!Double.isFinite(value)) {
        return (Double)
            context.reportInputMismatch(Double.class, "%s is not finite", parser.getString());
      }
      return value;
    }
  }

  private static final class Writer extends StdScalarSerializer<Double> {
    Writer() {
      super(Double.class);
    }

    @Override
    public void serialize(Double value, JsonGenerator generator, SerializationContext context) {
      if (!Double.isFinite(value)) {
        throw new IllegalStateException("A value to write (%s) is not finite.".formatted(value));
      }
      generator.writeNumber(value);
    }
  }
}
