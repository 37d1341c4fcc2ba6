import { type BreakerInput, type BreakerOptions, laidOver, withPreset } from './options.js';
import { STABLE } from './recovery/reopen-backoff.js';
import type { BreakerState } from './state.js';

/** Returns the current options overridden by the given ones. Undefined means not given; `false` removes a window, backoff or ramp. */
export function changedOptions(current: BreakerOptions, given: BreakerInput): BreakerInput {
  return laidOver(current, withPreset(given));
}

/** Returns the same state under new options, without the parts that the new options do not use. The period stays the same. */
export function refitted(state: BreakerState, { reopenBackoff, ramp }: BreakerOptions, now: number): BreakerState {
  if (!('history' in state)) return state;
  const history = reopenBackoff === undefined ? STABLE : state.history;
  if (state.kind !== 'closed') return { ...state, history };
  if (ramp === undefined) return { ...state, history, rampUntil: Number.NEGATIVE_INFINITY };
  // A ramp that has ended stays ended: a longer ramp must not refuse calls again.
  return { ...state, history, rampUntil: state.rampUntil > now ? state.since + ramp.durationMs : state.rampUntil };
}
