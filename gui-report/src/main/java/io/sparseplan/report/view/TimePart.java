package io.sparseplan.report.view;

import io.sparseplan.costmodel.LayerTime;
import java.util.function.ToDoubleFunction;

/** A part of the time of an attention layer; all of them sum to it. */
enum TimePart {
  WORK("tiles, every slot busy", LayerTime::workMicros),
  IDLE("slots idle or waiting", LayerTime::idleMicros),
  LAUNCH("launching", LayerTime::launchMicros),
  CHOOSING("choosing tiles", LayerTime::choosingMicros),
  PERMUTATION("permuting tokens", LayerTime::permutationMicros);

  private final String word;
  private final ToDoubleFunction<LayerTime> micros;

  TimePart(String word, ToDoubleFunction<LayerTime> micros) {
    this.word = word;
    this.micros = micros;
  }

  String word() {
    return word;
  }

  double microsOf(LayerTime layer) {
    return micros.applyAsDouble(layer);
  }
}
