import type { BreakerInput } from '../policies/circuit-breaker/options.js';
import { RAMP_DEFAULTS, type Ramp } from '../policies/circuit-breaker/recovery/ramp.js';
import { REOPEN_DEFAULTS, type ReopenBackoff } from '../policies/circuit-breaker/recovery/reopen-backoff.js';
import { type SlidingWindow, WINDOW_DEFAULTS } from '../policies/circuit-breaker/window/options.js';
import type { PolicyValues } from './types.js';

/** The names of the settings of type `V`. */
type SettingOf<V> = { [K in keyof PolicyValues]: [PolicyValues[K], V] extends [V, PolicyValues[K]] ? K : never }[keyof PolicyValues];

/** Maps each option of an options object to its flat setting. */
type Settings<O> = { readonly [K in keyof O]: SettingOf<O[K]> };

export const WINDOW_SETTINGS = {
  type: 'windowType',
  size: 'windowSize',
  durationMs: 'windowMs',
  slots: 'windowSlots',
  minimumCalls: 'minimumCalls',
  failureRateThreshold: 'failureRateThreshold',
  slowCallDurationMs: 'slowCallMs',
  slowCallRateThreshold: 'slowCallRateThreshold',
  failureOrSlowRateThreshold: 'failureOrSlowRateThreshold',
  failureThresholdCounts: 'failureThresholdCounts',
} as const satisfies Settings<SlidingWindow>;

export const BACKOFF_SETTINGS = {
  multiplier: 'reopenMultiplier',
  maxMs: 'reopenMaxMs',
  jitter: 'reopenJitter',
  resetAfterMs: 'reopenResetAfterMs',
  flappingSuccessThreshold: 'flappingSuccessThreshold',
} as const satisfies Settings<ReopenBackoff>;

export const RAMP_SETTINGS = { durationMs: 'rampMs', initialShare: 'rampInitialShare' } as const satisfies Settings<Ramp>;

/** Returns the given options as flat settings. Undefined options are omitted. */
export function settingsOf<O>(given: { readonly [K in keyof O]?: O[K] | undefined }, settings: Settings<O>): Partial<PolicyValues> {
  const rows = (Object.keys(settings) as (keyof O)[]).map((option) => [settings[option], given[option]] as const);
  return Object.fromEntries(rows.filter(([, value]) => value !== undefined));
}

function optionsOf<O>(policy: PolicyValues, settings: Settings<O>): O {
  return Object.fromEntries(Object.entries(settings).map(([option, setting]) => [option, policy[setting as keyof PolicyValues]])) as O;
}

/** The default settings of window, reopen backoff and ramp: all off. */
export const RECOVERY_DEFAULTS = {
  windowEnabled: false,
  ...settingsOf<SlidingWindow>(WINDOW_DEFAULTS, WINDOW_SETTINGS),
  reopenBackoffEnabled: false,
  ...settingsOf<ReopenBackoff>(REOPEN_DEFAULTS, BACKOFF_SETTINGS),
  rampEnabled: false,
  ...settingsOf<Ramp>(RAMP_DEFAULTS, RAMP_SETTINGS),
} as Pick<
  PolicyValues,
  | 'windowEnabled'
  | (typeof WINDOW_SETTINGS)[keyof SlidingWindow]
  | 'reopenBackoffEnabled'
  | (typeof BACKOFF_SETTINGS)[keyof ReopenBackoff]
  | 'rampEnabled'
  | (typeof RAMP_SETTINGS)[keyof Ramp]
>;

/** Returns the window for `window_size: 10` next to the thresholds: `failureThreshold` failures among the last 10 calls open the circuit. */
export function simpleWindow(size: number): Partial<PolicyValues> {
  return { windowEnabled: true, windowType: 'count', windowSize: size, failureRateThreshold: null, failureThresholdCounts: 'window' };
}

/** Returns the circuit options in an operation's settings. */
export function breakerInput(policy: PolicyValues): BreakerInput {
  const { enabled, failureThreshold, successThreshold, recoveryTimeoutMs, halfOpenMaxCalls } = policy;
  return {
    enabled,
    failureThreshold,
    successThreshold,
    recoveryTimeoutMs,
    halfOpenMaxCalls,
    slidingWindow: policy.windowEnabled && {
      ...optionsOf<SlidingWindow>(policy, WINDOW_SETTINGS),
      // The two values can come from different layers. If the window is smaller than the minimum, all of its calls are needed.
      minimumCalls: policy.windowType === 'count' ? Math.min(policy.minimumCalls, policy.windowSize) : policy.minimumCalls,
    },
    reopenBackoff: policy.reopenBackoffEnabled && optionsOf<ReopenBackoff>(policy, BACKOFF_SETTINGS),
    ramp: policy.rampEnabled && optionsOf<Ramp>(policy, RAMP_SETTINGS),
  };
}
