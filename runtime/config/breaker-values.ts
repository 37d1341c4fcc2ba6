import type { BreakerInput } from '../breaker/options.js';
import { RAMP_DEFAULTS } from '../breaker/recovery/ramp.js';
import { REOPEN_DEFAULTS } from '../breaker/recovery/reopen-backoff.js';
import { WINDOW_DEFAULTS } from '../breaker/window/options.js';
import type { PolicyValues } from './types.js';

/** The flat settings of what a circuit may have besides its thresholds, all of it off. */
export const RECOVERY_DEFAULTS = {
  windowEnabled: false,
  windowType: WINDOW_DEFAULTS.type,
  windowSize: WINDOW_DEFAULTS.size,
  windowMs: WINDOW_DEFAULTS.durationMs,
  windowSlots: WINDOW_DEFAULTS.slots,
  minimumCalls: WINDOW_DEFAULTS.minimumCalls,
  failureRateThreshold: WINDOW_DEFAULTS.failureRateThreshold,
  slowCallMs: WINDOW_DEFAULTS.slowCallDurationMs,
  slowCallRateThreshold: WINDOW_DEFAULTS.slowCallRateThreshold,
  failureOrSlowRateThreshold: WINDOW_DEFAULTS.failureOrSlowRateThreshold,
  failureThresholdCounts: WINDOW_DEFAULTS.failureThresholdCounts,
  reopenBackoffEnabled: false,
  reopenMultiplier: REOPEN_DEFAULTS.multiplier,
  reopenMaxMs: REOPEN_DEFAULTS.maxMs,
  reopenJitter: REOPEN_DEFAULTS.jitter,
  reopenResetAfterMs: REOPEN_DEFAULTS.resetAfterMs,
  flappingSuccessThreshold: REOPEN_DEFAULTS.flappingSuccessThreshold,
  rampEnabled: false,
  rampMs: RAMP_DEFAULTS.durationMs,
  rampInitialShare: RAMP_DEFAULTS.initialShare,
} as const satisfies Partial<PolicyValues>;

/** What `window_size: 10` beside the thresholds means: `failureThreshold` failures among the last 10 calls open the circuit. */
export function simpleWindow(size: number): Partial<PolicyValues> {
  return { windowEnabled: true, windowType: 'count', windowSize: size, failureRateThreshold: null, failureThresholdCounts: 'window' };
}

/** What an operation's settings say of its circuit. */
export function breakerInput(policy: PolicyValues): BreakerInput {
  const { enabled, failureThreshold, successThreshold, recoveryTimeoutMs, halfOpenMaxCalls } = policy;
  return {
    enabled,
    failureThreshold,
    successThreshold,
    recoveryTimeoutMs,
    halfOpenMaxCalls,
    slidingWindow: policy.windowEnabled && {
      type: policy.windowType,
      size: policy.windowSize,
      durationMs: policy.windowMs,
      slots: policy.windowSlots,
      // The two may come from different layers: a window smaller than the minimum needs all of its calls.
      minimumCalls: policy.windowType === 'count' ? Math.min(policy.minimumCalls, policy.windowSize) : policy.minimumCalls,
      failureRateThreshold: policy.failureRateThreshold,
      slowCallDurationMs: policy.slowCallMs,
      slowCallRateThreshold: policy.slowCallRateThreshold,
      failureOrSlowRateThreshold: policy.failureOrSlowRateThreshold,
      failureThresholdCounts: policy.failureThresholdCounts,
    },
    reopenBackoff: policy.reopenBackoffEnabled && {
      multiplier: policy.reopenMultiplier,
      maxMs: policy.reopenMaxMs,
      jitter: policy.reopenJitter,
      resetAfterMs: policy.reopenResetAfterMs,
      flappingSuccessThreshold: policy.flappingSuccessThreshold,
    },
    ramp: policy.rampEnabled && { durationMs: policy.rampMs, initialShare: policy.rampInitialShare },
  };
}
