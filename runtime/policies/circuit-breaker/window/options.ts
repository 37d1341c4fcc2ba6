import { ConfigurationError } from '../../../errors/configuration-error.js';
import { countOption, durationOption, objectOption, rateOption } from '../ranges.js';

/** What `failureThreshold` means to a circuit with a window. */
export type FailureThresholdCounts = 'nothing' | 'consecutive' | 'window';

/** A window of recent calls, and the rates at which it opens the circuit. */
export interface SlidingWindow {
  /** `count`: the last `size` calls. `time`: the calls that ended in the last `durationMs`. Default: the one whose extent is given, else `count`. */
  readonly type: 'count' | 'time';
  /** Calls that a count window holds, 1 to 100,000; one byte each. Default 100. */
  readonly size: number;
  /** How far back a time window looks, in milliseconds, at least 1. Default 60,000. */
  readonly durationMs: number;
  /** Parts of a time window; one part at a time is forgotten. 1 to 100, default 10. */
  readonly slots: number;
  /** Calls that must have ended before a rate means anything, at least 1. In a count window at most `size`. Default 20, or `size`. */
  readonly minimumCalls: number;
  /** Share of failed calls that opens the circuit, above 0, up to 1; null for none. Default 0.5. */
  readonly failureRateThreshold: number | null;
  /** A call that takes this long is slow, in milliseconds, at least 1; null: none is. Default null. */
  readonly slowCallDurationMs: number | null;
  /** Share of slow calls that opens the circuit; calls that still run after `slowCallDurationMs` count. Null for none. Default 0.5. */
  readonly slowCallRateThreshold: number | null;
  /** Share of calls that failed, or were slow, or both, that opens the circuit; null for none. Default null. */
  readonly failureOrSlowRateThreshold: number | null;
  /**
   * What `failureThreshold` means beside the rates: `nothing`; that many failures in a row (`consecutive`) also open the circuit; or that
   * many failures anywhere in the `window` do. Default `nothing`.
   */
  readonly failureThresholdCounts: FailureThresholdCounts;
}

/** What may be said of a window; the rest is default. */
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

/** Most calls of a count window, and most slots of a time window: memory is fixed, and is taken at once. */
export const WINDOW_LIMITS = { size: 100_000, slots: 100 } as const;

const NAMES: ReadonlySet<string> = new Set(Object.keys(WINDOW_DEFAULTS));

const PLACE = 'breaker.slidingWindow';

/** Checks each value by itself, whatever it will be merged with. @throws {ConfigurationError} naming the option, the value and the range. */
export function checkWindow(given: SlidingWindowOptions): void {
  const g = { ...WINDOW_DEFAULTS, ...defined(objectOption(PLACE, given, NAMES)) };
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
 * Fills in defaults.
 *
 * @throws {ConfigurationError} where a value is out of range, where `minimumCalls` is more than the window holds, or where nothing that
 * the window could hold would open the circuit.
 */
export function windowOptions(given: SlidingWindowOptions, failureThreshold: number): SlidingWindow {
  checkWindow(given);
  const window = { ...WINDOW_DEFAULTS, ...defined(given), type: windowTypeOf(given) ?? WINDOW_DEFAULTS.type };
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

/** Do two windows hold the same calls, whatever their thresholds? Two that are none do, too. */
export function sameCalls(a: SlidingWindow | undefined, b: SlidingWindow | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return (['type', 'size', 'durationMs', 'slots', 'slowCallDurationMs'] as const).every((key) => a[key] === b[key]);
}

/** Whoever gives only a duration means a time window. Undefined where nothing given says. */
export function windowTypeOf({ type, size, durationMs }: SlidingWindowOptions): SlidingWindow['type'] | undefined {
  if (type !== undefined || size !== undefined) return type ?? 'count';
  return durationMs === undefined ? undefined : 'time';
}

/** No rate, no count: such a window would only watch. Slow rates need a duration that says what slow is. */
export function opensOnNothing(window: SlidingWindow): boolean {
  const { failureRateThreshold, slowCallDurationMs, slowCallRateThreshold, failureOrSlowRateThreshold, failureThresholdCounts } = window;
  if (failureThresholdCounts !== 'nothing' || failureRateThreshold !== null || failureOrSlowRateThreshold !== null) return false;
  return slowCallDurationMs === null || slowCallRateThreshold === null;
}

function defined<T extends object>(given: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
