import { BACKOFF_SETTINGS, RAMP_SETTINGS, settingsOf, WINDOW_SETTINGS } from '../../config/breaker-values.js';
import type { Draft } from '../../config/options/rows.js';
import type { PolicyLayer } from '../../config/types.js';
import type { BreakerInput } from '../../policies/circuit-breaker/options.js';
import { type Ramp, rampOptions } from '../../policies/circuit-breaker/recovery/ramp.js';
import { type ReopenBackoff, reopenOptions } from '../../policies/circuit-breaker/recovery/reopen-backoff.js';
import { checkWindow, type SlidingWindow, windowTypeOf } from '../../policies/circuit-breaker/window/options.js';

/** Returns a client's settings of window, backoff and ramp as a layer. @throws {ConfigurationError} naming option, value and range. */
export function recoveryLayer({ slidingWindow, reopenBackoff, ramp }: BreakerInput): PolicyLayer {
  const draft: Draft = {};
  if (slidingWindow !== undefined) draft.windowEnabled = slidingWindow !== false;
  if (typeof slidingWindow !== 'boolean' && slidingWindow !== undefined) {
    checkWindow(slidingWindow);
    Object.assign(draft, settingsOf<SlidingWindow>({ ...slidingWindow, type: windowTypeOf(slidingWindow) }, WINDOW_SETTINGS));
  }
  if (reopenBackoff !== undefined) draft.reopenBackoffEnabled = reopenBackoff !== false;
  if (typeof reopenBackoff !== 'boolean' && reopenBackoff !== undefined) {
    reopenOptions(reopenBackoff);
    Object.assign(draft, settingsOf<ReopenBackoff>(reopenBackoff, BACKOFF_SETTINGS));
  }
  if (ramp !== undefined) draft.rampEnabled = ramp !== false;
  if (typeof ramp !== 'boolean' && ramp !== undefined) {
    rampOptions(ramp);
    Object.assign(draft, settingsOf<Ramp>(ramp, RAMP_SETTINGS));
  }
  return draft;
}
