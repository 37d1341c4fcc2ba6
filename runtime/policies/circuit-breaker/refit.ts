import type { BreakerInput, BreakerOptions } from './options.js';
import { withPreset } from './presets.js';
import { STABLE } from './recovery/reopen-backoff.js';
import type { BreakerState } from './state.js';

/** What is given laid over what holds. What is undefined is not given; a window, backoff or ramp is ended by `false`. */
export function changedOptions(current: BreakerOptions, given: BreakerInput): BreakerInput {
  return { ...current, ...Object.fromEntries(Object.entries(withPreset(given)).filter(([, value]) => value !== undefined)) };
}

/** A state under other options than those that it arose from: the same period, with nothing in it that these do not have. */
export function refitted(state: BreakerState, { reopenBackoff, ramp }: BreakerOptions, now: number): BreakerState {
  if (!('history' in state)) return state;
  const history = reopenBackoff === undefined ? STABLE : state.history;
  if (state.kind !== 'closed') return { ...state, history };
  if (ramp === undefined) return { ...state, history, rampUntil: Number.NEGATIVE_INFINITY };
  // One that is over stays over: a longer ramp must not hold calls back again.
  return { ...state, history, rampUntil: state.rampUntil > now ? state.since + ramp.durationMs : state.rampUntil };
}
