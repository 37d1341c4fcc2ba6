import type { BreakerInput } from '../breaker/options.js';
import { rampOptions } from '../breaker/recovery/ramp.js';
import { reopenOptions } from '../breaker/recovery/reopen-backoff.js';
import { checkWindow, windowTypeOf } from '../breaker/window/options.js';
import type { PolicyLayer } from '../config/types.js';
import { type Draft, fill, type Rows } from './option-rows.js';

// Checked by those whose options they are.
const WINDOW: Rows = [
  ['size', 'windowSize'],
  ['durationMs', 'windowMs'],
  ['slots', 'windowSlots'],
  ['minimumCalls', 'minimumCalls'],
  ['failureRateThreshold', 'failureRateThreshold'],
  ['slowCallDurationMs', 'slowCallMs'],
  ['slowCallRateThreshold', 'slowCallRateThreshold'],
  ['failureOrSlowRateThreshold', 'failureOrSlowRateThreshold'],
  ['failureThresholdCounts', 'failureThresholdCounts'],
];

const BACKOFF: Rows = [
  ['multiplier', 'reopenMultiplier'],
  ['maxMs', 'reopenMaxMs'],
  ['jitter', 'reopenJitter'],
  ['resetAfterMs', 'reopenResetAfterMs'],
  ['flappingSuccessThreshold', 'flappingSuccessThreshold'],
];

const RAMP: Rows = [
  ['durationMs', 'rampMs'],
  ['initialShare', 'rampInitialShare'],
];

/** Window, backoff and ramp of a client's options as a layer: only what is given. @throws {ConfigurationError} naming option, value and range. */
export function recoveryLayer({ slidingWindow, reopenBackoff, ramp }: BreakerInput): PolicyLayer {
  const draft: Draft = {};
  if (slidingWindow !== undefined) draft.windowEnabled = slidingWindow !== false;
  if (slidingWindow) {
    checkWindow(slidingWindow);
    const type = windowTypeOf(slidingWindow);
    if (type !== undefined) draft.windowType = type;
    fill(draft, '', slidingWindow, WINDOW);
  }
  if (reopenBackoff !== undefined) draft.reopenBackoffEnabled = reopenBackoff !== false;
  if (reopenBackoff) {
    reopenOptions(reopenBackoff);
    fill(draft, '', reopenBackoff, BACKOFF);
  }
  if (ramp !== undefined) draft.rampEnabled = ramp !== false;
  if (ramp) {
    rampOptions(ramp);
    fill(draft, '', ramp, RAMP);
  }
  return draft;
}
