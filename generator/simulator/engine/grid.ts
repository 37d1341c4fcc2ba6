const PER_MS = 1_024;

/**
 * The nearest whole part of a millisecond. Times on this grid add up without an error of rounding, so that what happens does not depend on how
 * a clock came to a time, nor on the last digit of a logarithm, in which engines differ.
 */
export function onGrid(ms: number): number {
  return Math.round(ms * PER_MS) / PER_MS;
}
