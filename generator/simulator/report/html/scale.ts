import { offset } from '../words.js';

/** A mark on an axis. `at` is 0 at the beginning and 1 at the end. */
export interface Tick {
  readonly at: number;
  readonly label: string;
}

/** Round distances between two marks, in seconds. */
const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400];

/** Returns the marks of the time axis, few enough for a phone. */
export function timeTicks(durationMs: number, most = 6): readonly Tick[] {
  const seconds = durationMs / 1_000;
  const step = TIME_STEPS.find((candidate) => seconds / candidate <= most) ?? 86_400;
  const ticks: Tick[] = [];
  for (let at = 0; at <= seconds; at += step) ticks.push({ at: at / seconds, label: offset(at * 1_000, false) });
  return ticks;
}

/** Returns the lowest number that is not below `value` and has a short half. */
export function roundUp(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10].find((factor) => factor * power >= value * 0.999999) ?? 10);
}

/** The share of a linear axis below its top value. The space above keeps the curve away from the frame. */
export const HEADROOM = 0.95;

/** Returns marks at 0, half of `top` and `top`. `top` is round. */
export function linearTicks(top: number, label: (value: number) => string): readonly Tick[] {
  return [0, 0.5, 1].map((part) => ({ at: part * HEADROOM, label: label(part * top) }));
}

/** A logarithmic axis over whole powers of ten. */
export interface LogScale {
  readonly low: number;
  readonly high: number;
  /** Returns 0 at `low` and 1 at `high`. */
  at(value: number): number;
}

export function logScale(values: readonly number[]): LogScale {
  const known = values.filter((value) => value > 0);
  const low = Math.floor(Math.log10(Math.max(0.5, Math.min(...known, Number.MAX_VALUE) === Number.MAX_VALUE ? 1 : Math.min(...known))));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(1, ...known))));
  return {
    low: 10 ** low,
    high: 10 ** high,
    at: (value) => Math.min(1, Math.max(0, (Math.log10(Math.max(value, 10 ** low)) - low) / (high - low))),
  };
}

export function logTicks({ low, high, at }: LogScale, label: (value: number) => string): readonly Tick[] {
  const ticks: Tick[] = [];
  for (let value = low; value <= high * 1.001; value *= 10) ticks.push({ at: at(value), label: label(value) });
  return ticks;
}
