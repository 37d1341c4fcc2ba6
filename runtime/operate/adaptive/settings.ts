import { type Clock, MAX_TIMER_MS } from '../../clock.js';
import { ADAPTIVE_DEFAULTS } from '../../config/adaptive-values.js';
import { policyOf } from '../../config/live/circuit-policies.js';
import type { Bounds } from '../../config/types.js';
import { count, oneOf, timer } from '../../errors/checks.js';
import { ConfigurationError } from '../../errors/configuration-error.js';
import { givenClock } from '../../errors/given.js';
import { checkedLater, givenOptions, type OptionTable } from '../../errors/option-table.js';
import type { ThresholdEvent } from '../../observe/events.js';
import type { CircuitBreaker } from '../../policies/circuit-breaker/breaker.js';
import type { BreakerRegistry } from '../../policies/circuit-breaker/registry.js';

/** The thresholds that can adapt. */
export type Setting = ThresholdEvent['setting'];

/** The range of a threshold: at least `min`, at most `max`. */
export interface ThresholdBounds {
  readonly min: number;
  readonly max: number;
}

/** Which thresholds adapt, and in which bounds. Options that are not given come from the YAML (`adaptive:`), else from the default. */
export interface AdaptiveOptions {
  /** `propose`: only events. `apply`: the proposals are also applied, one step at a time. Default `propose`. */
  readonly mode?: 'propose' | 'apply';
  /** The length of an interval in milliseconds. A threshold moves by at most one step per interval. Default 300,000. */
  readonly intervalMs?: number;
  /** The fewest calls from which normal rates and durations are derived, at least 1. Default 100. */
  readonly minimumCalls?: number;
  /** Failures in a row or in the window, whichever the circuit counts. Without bounds, this threshold and those below do not adapt. */
  readonly failureThreshold?: ThresholdBounds | undefined;
  /** The share of failed calls in the sliding window. */
  readonly failureRateThreshold?: ThresholdBounds | undefined;
  /** How long an open circuit waits, in milliseconds. */
  readonly recoveryTimeoutMs?: ThresholdBounds | undefined;
  /** The duration from which a call of the sliding window is slow, in milliseconds. */
  readonly slowCallDurationMs?: ThresholdBounds | undefined;
  /** The source of time, for tests. */
  readonly clock?: Clock;
}

/** The settings for one circuit. */
export interface AdaptiveSettings {
  readonly mode: 'propose' | 'apply';
  readonly minimumCalls: number;
  readonly bounds: { readonly [S in Setting]?: Bounds };
}

export const SETTINGS: readonly Setting[] = ['failureThreshold', 'failureRateThreshold', 'recoveryTimeoutMs', 'slowCallDurationMs'];

export const DEFAULT_INTERVAL_MS = 300_000;

/** The valid values of each threshold. Bounds must be valid, too. */
const RANGES: { readonly [S in Setting]: readonly [valid: (value: number) => boolean, expected: string] } = {
  failureThreshold: [(value) => Number.isSafeInteger(value) && value >= 1, 'a whole number, 1 or more'],
  failureRateThreshold: [(value) => value > 0 && value <= 1, 'a share above 0, up to 1'],
  recoveryTimeoutMs: [(value) => value >= 1 && value <= MAX_TIMER_MS, `milliseconds from 1 to ${MAX_TIMER_MS.toLocaleString('en')}`],
  slowCallDurationMs: [(value) => value >= 1 && value <= MAX_TIMER_MS, `milliseconds from 1 to ${MAX_TIMER_MS.toLocaleString('en')}`],
};

const BOUNDS: OptionTable<ThresholdBounds> = { min: checkedLater, max: checkedLater };

const OPTIONS: OptionTable<AdaptiveOptions> = {
  mode: oneOf('propose', 'apply'),
  intervalMs: timer,
  minimumCalls: count,
  failureThreshold: checkBounds,
  failureRateThreshold: checkBounds,
  recoveryTimeoutMs: checkBounds,
  slowCallDurationMs: checkBounds,
  clock: givenClock,
};

/** Returns the checked options. @throws {ConfigurationError} with the option, the value and its range. */
export function checkedOptions(options: AdaptiveOptions): AdaptiveOptions {
  return givenOptions('adaptThresholds', options, OPTIONS);
}

function checkBounds(setting: string, bounds: ThresholdBounds): void {
  if (typeof bounds !== 'object' || bounds === null) throw new ConfigurationError(setting, bounds, 'an object with min and max');
  givenOptions(setting, bounds, BOUNDS, setting, `${setting}.`);
  const [valid, expected] = RANGES[setting as Setting];
  for (const end of ['min', 'max'] as const) {
    if (typeof bounds[end] !== 'number' || !valid(bounds[end])) throw new ConfigurationError(`${setting}.${end}`, bounds[end], expected);
  }
  if (bounds.min > bounds.max) throw new ConfigurationError(`${setting}.min`, bounds.min, `at most max, which is ${bounds.max}`);
}

/** Returns the settings of a circuit, from the options or else the YAML; undefined if none of its thresholds adapts. */
export function settingsFor(circuit: CircuitBreaker, registry: BreakerRegistry, options: AdaptiveOptions): AdaptiveSettings | undefined {
  const policy = policyOf(registry, circuit);
  const file = policy?.adaptiveEnabled === true ? policy : ADAPTIVE_DEFAULTS;
  const given = (setting: Setting, said: Bounds | null): Bounds | null => {
    const bounds = options[setting];
    return bounds === undefined ? said : [bounds.min, bounds.max];
  };
  const bounds: { [S in Setting]?: Bounds } = {};
  for (const [setting, said] of [
    ['failureThreshold', file.adaptiveFailureThreshold],
    ['failureRateThreshold', file.adaptiveFailureRate],
    ['recoveryTimeoutMs', file.adaptiveRecoveryMs],
    ['slowCallDurationMs', file.adaptiveSlowCallMs],
  ] as const) {
    const held = given(setting, said);
    if (held !== null) bounds[setting] = held;
  }
  if (Object.keys(bounds).length === 0) return undefined;
  return { mode: options.mode ?? file.adaptiveMode, minimumCalls: options.minimumCalls ?? file.adaptiveMinimumCalls, bounds };
}
