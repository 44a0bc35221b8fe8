package io.sparseplan.costmodel;

import java.util.Optional;

/**
 * The constants that a table offers for what was asked.
 *
 * @param shape with the constants of the visibility that was asked for
 * @param warning a sentence that says what was not measured, empty if all was
 */
public record PricedShape(KernelShape shape, Optional<String> warning) {}
