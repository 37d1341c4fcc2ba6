import { ConfigurationError } from '../../../errors/configuration-error.js';
import { countOption, durationOption, objectOption, rateOption, withoutUndefined } from '../ranges.js';

/** The meaning of `failureThreshold` for a circuit with a window. */
export type FailureThresholdCounts = 'nothing' | 'consecutive' | 'window';

/** The options of a sliding window of recent calls, and the rates at which it opens the circuit. */
export interface SlidingWindow {
  /**
   * `count`: the window holds the last `size` calls. `time`: it holds the calls that ended in the last `durationMs`. Default: `time` if only
   * `durationMs` is given, otherwise `count`.
   */
  readonly type: 'count' | 'time';
  /** Number of calls in a count window, 1 to 100,000. Each call takes one byte. Default 100. */
  readonly size: number;
  /** Length of a time window, in milliseconds, at least 1. Default 60,000. */
  readonly durationMs: number;
  /** Number of slots of a time window, 1 to 100. The calls of the oldest slot are removed together. Default 10. */
  readonly slots: number;
  /** Calls that must have ended before rates are compared, at least 1; at most `size` in a count window. Default 20, or `size` if that is less. */
  readonly minimumCalls: number;
  /** Share of failed calls that opens the circuit, above 0, up to 1. Null turns the rate off. Default 0.5. */
  readonly failureRateThreshold: number | null;
  /** Duration from which a call is slow, in milliseconds, at least 1. If null, no call is slow. Default null. */
  readonly slowCallDurationMs: number | null;
  /** Share of slow calls that opens the circuit, including calls still running after `slowCallDurationMs`. Null turns the rate off. Default 0.5. */
  readonly slowCallRateThreshold: number | null;
  /** Share of calls that failed or were slow that opens the circuit. A call that was both counts once. Null turns the rate off. Default null. */
  readonly failureOrSlowRateThreshold: number | null;
  /**
   * The meaning of `failureThreshold` in addition to the rates. `nothing`: it is ignored. `consecutive`: that many consecutive failures also open the
   * circuit. `window`: that many failures in the window also open it. Default `nothing`.
   */
  readonly failureThresholdCounts: FailureThresholdCounts;
}

/** The options of a sliding window, all optional. */
export type SlidingWindowOptions = { readonly [K in keyof SlidingWindow]?: SlidingWindow[K] | undefined };

export const WINDOW_DEFAULTS: SlidingWindow = {
  type: 'count',
  size: 100,
  durationMs: 60_000,
  slots: 10,
  minimumCalls: 20,
  failureRateThreshold: 0.5,
  slowCallDurationMs: null,
  slowCallRateThreshold: 0.5,
  failureOrSlowRateThreshold: null,
  failureThresholdCounts: 'nothing',
};

/** Largest `size` of a count window and largest number of `slots` of a time window. A window allocates all of its memory at creation. */
export const WINDOW_LIMITS = { size: 100_000, slots: 100 } as const;

const NAMES: ReadonlySet<string> = new Set(Object.keys(WINDOW_DEFAULTS));

const PLACE = 'breaker.slidingWindow';

/** Checks each value separately. @throws {ConfigurationError} naming the option, the value and the range. */
export function checkWindow(given: SlidingWindowOptions): void {
  const g = { ...WINDOW_DEFAULTS, ...withoutUndefined(objectOption(PLACE, given, NAMES)) };
  if (g.type !== 'count' && g.type !== 'time') throw new ConfigurationError(`${PLACE}.type`, g.type, "'count' or 'time'");
  countOption(`${PLACE}.size`, g.size, 1, WINDOW_LIMITS.size);
  durationOption(`${PLACE}.durationMs`, g.durationMs, 1);
  countOption(`${PLACE}.slots`, g.slots, 1, WINDOW_LIMITS.slots);
  countOption(`${PLACE}.minimumCalls`, g.minimumCalls, 1);
  rateOption(`${PLACE}.failureRateThreshold`, g.failureRateThreshold);
  rateOption(`${PLACE}.slowCallRateThreshold`, g.slowCallRateThreshold);
  rateOption(`${PLACE}.failureOrSlowRateThreshold`, g.failureOrSlowRateThreshold);
  if (g.slowCallDurationMs !== null) durationOption(`${PLACE}.slowCallDurationMs`, g.slowCallDurationMs, 1);
  if (!['nothing', 'consecutive', 'window'].includes(g.failureThresholdCounts)) {
    throw new ConfigurationError(`${PLACE}.failureThresholdCounts`, g.failureThresholdCounts, "'nothing', 'consecutive' or 'window'");
  }
}

/**
 * Checks the options and fills in defaults.
 *
 * @throws {ConfigurationError} if a value is out of range, if `minimumCalls` exceeds the `size` of a count window, or if no calls in the window could
 * open the circuit.
 */
export function windowOptions(given: SlidingWindowOptions, failureThreshold: number): SlidingWindow {
  checkWindow(given);
  const window = { ...WINDOW_DEFAULTS, ...withoutUndefined(given), type: windowTypeOf(given) ?? WINDOW_DEFAULTS.type };
  if (window.type === 'count') {
    if (given.minimumCalls === undefined) window.minimumCalls = Math.min(window.minimumCalls, window.size);
    if (window.minimumCalls > window.size)
      throw new ConfigurationError(`${PLACE}.minimumCalls`, window.minimumCalls, `at most size, which is ${window.size}`);
    if (window.failureThresholdCounts === 'window' && failureThreshold > window.size)
      throw new ConfigurationError('breaker.failureThreshold', failureThreshold, `at most slidingWindow.size, which is ${window.size}`);
  }
  if (opensOnNothing(window)) {
    throw new ConfigurationError(PLACE, 'a window that opens nothing', 'a rate threshold, or failureThresholdCounts other than nothing');
  }
  return window;
}

/** Returns true if two windows hold the same calls, regardless of their thresholds. Also returns true if both are undefined. */
export function sameCalls(a: SlidingWindow | undefined, b: SlidingWindow | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return (['type', 'size', 'durationMs', 'slots', 'slowCallDurationMs'] as const).every((key) => a[key] === b[key]);
}

/** Returns the type of a window: `time` if only a duration is given. Undefined if neither a type nor an extent is given. */
export function windowTypeOf({ type, size, durationMs }: SlidingWindowOptions): SlidingWindow['type'] | undefined {
  if (type !== undefined || size !== undefined) return type ?? 'count';
  return durationMs === undefined ? undefined : 'time';
}

/** Returns true if no calls in the window could open the circuit. A slow rate has an effect only together with `slowCallDurationMs`. */
export function opensOnNothing(window: SlidingWindow): boolean {
  const { failureRateThreshold, slowCallDurationMs, slowCallRateThreshold, failureOrSlowRateThreshold, failureThresholdCounts } = window;
  if (failureThresholdCounts !== 'nothing' || failureRateThreshold !== null || failureOrSlowRateThreshold !== null) return false;
  return slowCallDurationMs === null || slowCallRateThreshold === null;
}
