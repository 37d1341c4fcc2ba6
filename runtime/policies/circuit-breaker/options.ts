import { must } from '../../errors/given.js';
import { namesOf, refuseUnknown } from '../../errors/known-options.js';
import { type PresetName, presetOptions } from './presets.js';
import { countOption, durationOption, withoutUndefined } from './ranges.js';
import { type Ramp, type RampOptions, rampOptions } from './recovery/ramp.js';
import { type ReopenBackoff, type ReopenBackoffOptions, reopenOptions } from './recovery/reopen-backoff.js';
import { type SlidingWindow, type SlidingWindowOptions, windowOptions } from './window/options.js';

/** The options of a circuit: when it opens and how it recovers. */
export interface BreakerOptions {
  /** If false, the circuit admits all calls and still counts them. Default true. */
  readonly enabled: boolean;
  /** Consecutive failures that open the circuit, at least 1. Default 5. */
  readonly failureThreshold: number;
  /** Successful probes that close the circuit, at least 1. Default 3. */
  readonly successThreshold: number;
  /** How long an open circuit waits before the first probe, in milliseconds. Default 60,000. */
  readonly recoveryTimeoutMs: number;
  /** Largest number of concurrent probes while half-open (not their total), at least 1. Default 2. */
  readonly halfOpenMaxCalls: number;
  /** Opens the circuit by rates over recent calls instead of by consecutive failures. Default: no window. */
  readonly slidingWindow?: SlidingWindow | undefined;
  /** Makes a circuit that opens repeatedly wait longer each time. Default: every wait is `recoveryTimeoutMs`. */
  readonly reopenBackoff?: ReopenBackoff | undefined;
  /** Makes a circuit that has recovered admit a growing share of calls. Default: it admits all calls immediately. */
  readonly ramp?: Ramp | undefined;
}

/**
 * The options of a circuit, all optional. `false` turns a window, backoff or ramp off. `true` turns it on, with its current values if it has any,
 * otherwise with the defaults.
 */
export interface BreakerInput extends Partial<Omit<BreakerOptions, 'slidingWindow' | 'reopenBackoff' | 'ramp'>> {
  /** The name of a preset. Other options override it; a given window replaces the preset's window as a whole. */
  readonly preset?: PresetName | undefined;
  readonly slidingWindow?: SlidingWindowOptions | boolean | undefined;
  readonly reopenBackoff?: ReopenBackoffOptions | boolean | undefined;
  readonly ramp?: RampOptions | boolean | undefined;
}

export const BREAKER_DEFAULTS: BreakerOptions = {
  enabled: true,
  failureThreshold: 5,
  successThreshold: 3,
  recoveryTimeoutMs: 60_000,
  halfOpenMaxCalls: 2,
};

/** Longest time for which a probe can hold its permit if its call has no time limit, in milliseconds. */
export const DEFAULT_LEASE_MS = 30_000;

/**
 * The lease is longer than the time limit by this many milliseconds. Timers fire late under load, and a probe should end by its own timeout first.
 */
const TIMER_GRACE_MS = 1_000;

/** Returns the lease of a probe for work with these limits, in milliseconds. The first limit that is set applies. */
export function leaseOf(timeoutMs: number | null | undefined, totalTimeoutMs: number | null | undefined): number {
  const limitMs = timeoutMs ?? totalTimeoutMs ?? undefined;
  return limitMs === undefined ? DEFAULT_LEASE_MS : limitMs + TIMER_GRACE_MS;
}

/**
 * Returns the values of the named preset, overridden by the other options. A given window replaces the preset's window as a whole.
 *
 * @throws {ConfigurationError} if there is no preset of that name.
 */
export function withPreset({ preset, ...given }: BreakerInput): Omit<BreakerInput, 'preset'> {
  return preset === undefined ? given : laidOver(presetOptions(preset), given);
}

/** Returns the options overridden by the given ones. Undefined means not given; `true` keeps an existing window, backoff or ramp. */
export function laidOver<O extends BreakerInput>(options: O, given: BreakerInput): O & BreakerInput {
  const own = Object.entries(withoutUndefined(given)).filter(
    ([key, value]) => value !== true || typeof options[key as keyof BreakerInput] !== 'object',
  );
  return { ...options, ...Object.fromEntries(own) };
}

const NAMES = namesOf<BreakerInput>({
  enabled: 1,
  failureThreshold: 1,
  successThreshold: 1,
  recoveryTimeoutMs: 1,
  halfOpenMaxCalls: 1,
  preset: 1,
  slidingWindow: 1,
  reopenBackoff: 1,
  ramp: 1,
});

/** @throws {ConfigurationError} if there is an option that circuits do not have. */
export function checkBreakerNames(given: BreakerInput): void {
  refuseUnknown('a circuit', given, NAMES, 'breaker.');
}

/** Checks the options and fills in defaults. @throws {ConfigurationError} naming the option, the value and the range. */
export function breakerOptions(given: BreakerInput = {}): BreakerOptions {
  checkBreakerNames(given);
  const {
    enabled = BREAKER_DEFAULTS.enabled,
    failureThreshold = BREAKER_DEFAULTS.failureThreshold,
    successThreshold = BREAKER_DEFAULTS.successThreshold,
    recoveryTimeoutMs = BREAKER_DEFAULTS.recoveryTimeoutMs,
    halfOpenMaxCalls = BREAKER_DEFAULTS.halfOpenMaxCalls,
    slidingWindow = false,
    reopenBackoff = false,
    ramp = false,
  } = withPreset(given);
  const options: BreakerOptions = { enabled, failureThreshold, successThreshold, recoveryTimeoutMs, halfOpenMaxCalls };
  must(typeof enabled === 'boolean', 'breaker.enabled', enabled, 'true or false');
  for (const key of ['failureThreshold', 'successThreshold', 'halfOpenMaxCalls'] as const) countOption(`breaker.${key}`, options[key], 1);
  durationOption('breaker.recoveryTimeoutMs', recoveryTimeoutMs, 0);
  return {
    ...options,
    ...(slidingWindow === false ? {} : { slidingWindow: windowOptions(slidingWindow === true ? {} : slidingWindow, failureThreshold) }),
    ...(reopenBackoff === false ? {} : { reopenBackoff: reopenOptions(reopenBackoff === true ? {} : reopenBackoff) }),
    ...(ramp === false ? {} : { ramp: rampOptions(ramp === true ? {} : ramp) }),
  };
}
