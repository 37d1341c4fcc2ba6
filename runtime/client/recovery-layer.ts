import type { BreakerInput } from '../breaker/options.js';
import { rampOptions } from '../breaker/recovery/ramp.js';
import { reopenOptions } from '../breaker/recovery/reopen-backoff.js';
import { checkWindow, windowTypeOf } from '../breaker/window/options.js';
import type { PolicyLayer } from '../config/types.js';

/** Window, backoff and ramp of a client's options as a layer: only what is given. @throws {ConfigurationError} naming option, value and range. */
export function recoveryLayer({ slidingWindow: w, reopenBackoff: b, ramp: r }: BreakerInput): PolicyLayer {
  const draft: Record<string, unknown> = {};
  if (w === false) draft['windowEnabled'] = false;
  else if (w !== undefined) {
    checkWindow(w);
    Object.assign(draft, {
      windowEnabled: true,
      windowType: windowTypeOf(w),
      windowSize: w.size,
      windowMs: w.durationMs,
      windowSlots: w.slots,
      minimumCalls: w.minimumCalls,
      failureRateThreshold: w.failureRateThreshold,
      slowCallMs: w.slowCallDurationMs,
      slowCallRateThreshold: w.slowCallRateThreshold,
      failureOrSlowRateThreshold: w.failureOrSlowRateThreshold,
      failureThresholdCounts: w.failureThresholdCounts,
    });
  }
  if (b === false) draft['reopenBackoffEnabled'] = false;
  else if (b !== undefined) {
    reopenOptions(b);
    Object.assign(draft, {
      reopenBackoffEnabled: true,
      reopenMultiplier: b.multiplier,
      reopenMaxMs: b.maxMs,
      reopenJitter: b.jitter,
      reopenResetAfterMs: b.resetAfterMs,
      flappingSuccessThreshold: b.flappingSuccessThreshold,
    });
  }
  if (r === false) draft['rampEnabled'] = false;
  else if (r !== undefined) {
    rampOptions(r);
    Object.assign(draft, { rampEnabled: true, rampMs: r.durationMs, rampInitialShare: r.initialShare });
  }
  return Object.fromEntries(Object.entries(draft).filter(([, value]) => value !== undefined)) as PolicyLayer;
}
