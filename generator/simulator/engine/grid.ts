const PER_MS = 1_024;

/**
 * Rounds a time to a fixed part of a millisecond. Times on this grid add up without rounding errors. The result then depends neither on the
 * order of additions nor on the last digit of a logarithm, in which JavaScript engines differ.
 */
export function onGrid(ms: number): number {
  return Math.round(ms * PER_MS) / PER_MS;
}
