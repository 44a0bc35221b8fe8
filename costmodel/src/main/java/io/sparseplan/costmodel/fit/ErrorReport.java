package io.sparseplan.costmodel.fit;

/**
 * How far predictions of one group of measured launches are off, in percent of the measured time.
 *
 * @param group which launches, in words
 * @param rows launches in the group, one or more
 * @param mapePercent mean of |predicted − measured| ÷ measured
 * @param p95Percent 95th percentile of the same: the smallest error that at least 95 % of the rows
 *     do not exceed
 * @param biasPercent mean of (predicted − measured) ÷ measured; below zero where the model is too
 *     fast
 */
public record ErrorReport(
    String group, int rows, double mapePercent, double p95Percent, double biasPercent) {
  public ErrorReport {
    if (rows < 1 || !(mapePercent >= Math.abs(biasPercent)) || !(p95Percent >= 0)) {
      throw new IllegalArgumentException(
          "The errors of %s (%d rows, mean %s, 95th percentile %s, bias %s) are not of any launches."
              .formatted(group, rows, mapePercent, p95Percent, biasPercent));
    }
  }
}
