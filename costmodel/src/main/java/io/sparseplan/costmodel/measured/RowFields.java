package io.sparseplan.costmodel.measured;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.geometry.Visibility;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.model.HeadDim;
import io.sparseplan.plans.model.KvHeads;
import io.sparseplan.plans.model.QueryHeads;
import io.sparseplan.plans.plan.Phase;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * The fields of one row, as JSON Lines or CSV give them. A launch needs some, a measurement all but
 * {@code torch}, {@code tiles}, {@code launches} and {@code sdpa_median_ms}. What else the
 * measuring programs write down (clocks, power, single rounds, the check of the result) is known
 * and left alone; any other field is an error.
 */
@JsonIgnoreProperties({
  "round_median_ms",
  "measured_before_ms",
  "sm_mhz",
  "watts",
  "chunk_tiles",
  "chunks",
  "relative_error"
})
record RowFields(
    Optional<String> gpu,
    Optional<String> kernel,
    Optional<String> torch,
    Optional<String> timing,
    Phase phase,
    Optional<String> dtype,
    int batch,
    @JsonProperty("q_heads") QueryHeads queryHeads,
    @JsonProperty("kv_heads") KvHeads kvHeads,
    @JsonProperty("head_dim") HeadDim headDim,
    @JsonProperty("q_len") Tokens queryLength,
    @JsonProperty("kv_len") Tokens keyLength,
    TileSize tile,
    boolean causal,
    List<MeasuredHead> heads,
    Optional<Long> tiles,
    @JsonProperty("median_ms") Optional<Double> medianMillis,
    @JsonProperty("min_ms") Optional<Double> minMillis,
    Optional<Integer> launches,
    @JsonProperty("sdpa_median_ms") Optional<Double> sdpaMedianMillis) {
  RowFields {
    if (heads.stream().anyMatch(Objects::isNull)) {
      throw new IllegalArgumentException("The heads have a null among them.");
    }
    requireTime("median_ms", medianMillis);
    requireTime("min_ms", minMillis);
    requireTime("sdpa_median_ms", sdpaMedianMillis);
    if (minMillis.isPresent() && medianMillis.isPresent() && minMillis.get() > medianMillis.get()) {
      throw new IllegalArgumentException(
          "The min_ms (%s) is above the median_ms (%s)."
              .formatted(minMillis.get(), medianMillis.get()));
    }
    launches.ifPresent(
        count -> {
          if (count < 1) {
            throw new IllegalArgumentException(
                "The launches (%d) must be positive.".formatted(count));
          }
        });
  }

  /**
   * @throws IllegalArgumentException if the fields contradict each other
   */
  LaunchRow launchRow(int line) {
    int queries =
        switch (phase) {
          case PREFILL -> keyLength.count();
          case DECODE -> 1;
        };
    if (queryLength.count() != queries) {
      throw new IllegalArgumentException(
          "The q_len (%s) of a %s with kv_len %s must be %d."
              .formatted(queryLength, phase.name().toLowerCase(Locale.ROOT), keyLength, queries));
    }
    var launch =
        new Launch(
            phase,
            batch,
            new AttentionShape(queryHeads, kvHeads, headDim),
            keyLength,
            tile,
            causal ? Visibility.CAUSAL : Visibility.BIDIRECTIONAL,
            heads);
    var row =
        new LaunchRow(
            line, launch, launch.visitedTiles(), gpu, kernel, medianMillis, sdpaMedianMillis);
    tiles.ifPresent(
        stated -> {
          if (stated != row.tiles()) {
            throw new IllegalArgumentException(
                "The tiles (%d) are not the %d that the patterns visit at length %s, tile %d."
                    .formatted(stated, row.tiles(), keyLength, tile.tokens()));
          }
        });
    return row;
  }

  /**
   * @throws IllegalArgumentException if a field is missing or the fields contradict each other
   */
  MeasuredRow measuredRow(int line) {
    LaunchRow row = launchRow(line);
    return new MeasuredRow(
        given("gpu", gpu),
        given("kernel", kernel),
        torch,
        given("timing", timing),
        phase,
        given("dtype", dtype),
        batch,
        queryHeads,
        kvHeads,
        headDim,
        queryLength,
        keyLength,
        tile,
        causal,
        heads,
        row.tiles(),
        given("median_ms", medianMillis),
        given("min_ms", minMillis),
        launches,
        sdpaMedianMillis);
  }

  private static <T> T given(String field, Optional<T> value) {
    return value.orElseThrow(
        () -> new IllegalArgumentException("The field %s is missing.".formatted(field)));
  }

  private static void requireTime(String name, Optional<Double> millis) {
    millis.ifPresent(
        value -> {
          if (!(value > 0 && Double.isFinite(value))) {
            throw new IllegalArgumentException(
                "The %s (%s) must be positive.".formatted(name, value));
          }
        });
  }
}
