package io.sparseplan.costmodel.decode;

import java.util.Optional;

/**
 * The constants that a decode table offers for what was asked.
 *
 * @param warning a sentence that says what was not measured, empty if all was
 */
public record PricedSplitKv(SplitKvKernel kernel, Optional<String> warning) {}
