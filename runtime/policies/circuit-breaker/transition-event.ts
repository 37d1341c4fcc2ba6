import type { WindowSnapshot } from '../../observe/circuit-words.js';
import type { TransitionEvent } from '../../observe/events.js';
import type { BreakerOptions } from './options.js';
import type { BreakerState } from './state.js';

const EVENT_TYPES = {
  closed: 'circuit_closed',
  open: 'circuit_opened',
  half_open: 'circuit_half_open',
  forced_open: 'circuit_forced_open',
  forced_closed: 'circuit_forced_closed',
  metrics_only: 'circuit_metrics_only',
} as const;

/** The event of a change from `previous` to `next`. `window`: what it held at the opening. */
export function transitionEvent(
  { name, service }: { readonly name: string; readonly service: string },
  previous: BreakerState,
  next: BreakerState,
  options: BreakerOptions,
  at: number,
  more: { readonly downMs: number | undefined; readonly window: WindowSnapshot | undefined },
): TransitionEvent {
  const { downMs, window } = more;
  return {
    type: EVENT_TYPES[next.kind],
    circuit: name,
    service,
    at,
    oldState: previous.kind,
    newState: next.kind,
    failureCount: next.kind === 'open' ? next.failures : 'failures' in previous ? previous.failures : 0,
    recoveryTimeoutMs: next.kind === 'open' ? next.waitMs : options.recoveryTimeoutMs,
    ...(downMs === undefined ? {} : { downMs }),
    ...(next.kind === 'open' ? { reason: next.reason } : {}),
    ...(window === undefined ? {} : { window }),
  };
}
