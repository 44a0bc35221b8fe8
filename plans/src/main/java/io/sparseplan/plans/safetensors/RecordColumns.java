package io.sparseplan.plans.safetensors;

import io.sparseplan.plans.safetensors.SafetensorsWriter.Part;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * Turns a list of records into tensors and back. Each component becomes one tensor, its first axis
 * the list: {@code [row]} for a number, {@code [row][element]} for an array, which must be as long
 * in every record of the list. A component that is itself a record becomes its components, their
 * names joined by dots. {@link ColumnType} says which types there are.
 *
 * @param type the records' class; a component that is added to it is one more tensor
 */
public record RecordColumns<R extends Record>(Class<R> type) {
  /**
   * The tensors of some records, in the order of the components.
   *
   * @param prefix put before each component's name
   */
  public List<Part> parts(String prefix, List<R> rows) {
    var parts = new ArrayList<Part>();
    addParts(prefix, type, rows, parts);
    return parts;
  }

  private static void addParts(String prefix, Class<?> type, List<?> rows, List<Part> parts) {
    for (RecordComponent component : type.getRecordComponents()) {
      String name = prefix + component.getName();
      List<?> values = rows.stream().map(row -> value(component, row)).toList();
      if (component.getType().isRecord()) {
        addParts(name + ".", component.getType(), values, parts);
      } else {
        parts.add(ColumnType.of(component.getType()).part(name, values));
      }
    }
  }

  private static Object value(RecordComponent component, Object row) {
    try {
      component.getAccessor().setAccessible(true);
      return component.getAccessor().invoke(row);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("The component %s cannot be read.".formatted(component), e);
    }
  }

  /** The names of the tensors, in their order. */
  public List<String> names(String prefix) {
    var names = new ArrayList<String>();
    addNames(prefix, type, names);
    return names;
  }

  private static void addNames(String prefix, Class<?> type, List<String> names) {
    for (RecordComponent component : type.getRecordComponents()) {
      String name = prefix + component.getName();
      if (component.getType().isRecord()) {
        addNames(name + ".", component.getType(), names);
      } else {
        names.add(name);
      }
    }
  }

  /**
   * Reads records back.
   *
   * @param rows how many there are
   * @throws io.sparseplan.plans.BadInputException if a tensor is missing or of another type or
   *     shape, or a record refuses its values
   */
  public List<R> read(TensorSource source, String prefix, int rows, Function<String, Tensor> file) {
    return read(source, prefix, type, rows, file).stream().map(type::cast).toList();
  }

  private static List<Object> read(
      TensorSource source, String prefix, Class<?> type, int rows, Function<String, Tensor> file) {
    RecordComponent[] components = type.getRecordComponents();
    var columns = new ArrayList<List<Object>>();
    for (RecordComponent component : components) {
      String name = prefix + component.getName();
      columns.add(
          component.getType().isRecord()
              ? read(source, name + ".", component.getType(), rows, file)
              : ColumnType.of(component.getType()).values(source, file.apply(name), rows));
    }
    Constructor<?> constructor = constructor(type, components);
    var records = new ArrayList<Object>();
    for (int row = 0; row < rows; row++) {
      int at = row;
      Object[] values = columns.stream().map(column -> column.get(at)).toArray();
      records.add(make(source, prefix, row, constructor, values));
    }
    return records;
  }

  private static Object make(
      TensorSource source, String prefix, int row, Constructor<?> constructor, Object[] values) {
    try {
      return constructor.newInstance(values);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof IllegalArgumentException refused) {
        throw source.malformed(
            "row %d of %s* is refused: %s"
                .formatted(row, prefix, refused.getMessage().replaceFirst("\\.$", "")));
      }
      throw new IllegalStateException(e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("The record cannot be made by %s.".formatted(constructor), e);
    }
  }

  private static Constructor<?> constructor(Class<?> type, RecordComponent[] components) {
    try {
      Constructor<?> canonical =
          type.getDeclaredConstructor(
              Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
      canonical.setAccessible(true);
      return canonical;
    } catch (NoSuchMethodException e) {
      throw new IllegalStateException("Every record has a canonical constructor.", e);
    }
  }
}
