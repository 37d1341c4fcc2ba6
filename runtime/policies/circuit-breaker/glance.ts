import type { WindowSnapshot } from '../../observe/circuit-words.js';
import type { CircuitBreaker } from './breaker.js';
import { SHOWN_STATE } from './shown-state.js';
import type { BreakerSnapshot } from './snapshot.js';

/** A circuit as a gauge shows it. */
export interface Glance extends Pick<BreakerSnapshot, 'state' | 'inStateMs'> {
  /** True if the state was set by hand. A circuit that its options switch off is not forced. */
  readonly forced: boolean;
  /** How long the circuit has not been closed; 0 while it is closed. */
  readonly downMs: number;
  /** Milliseconds until a call can come through; Infinity while forced open. */
  readonly retryAfterMs: number;
  readonly window: WindowSnapshot | undefined;
}

/** Returns what a gauge shows of a circuit at `now`, without the parts of a snapshot that take long to work out. */
export function glanceAt(circuit: CircuitBreaker, now: number): Glance {
  const { machine } = circuit;
  const { kind, since } = machine.stateAt(now);
  return {
    state: SHOWN_STATE[kind],
    forced: machine.isForced,
    inStateMs: now - since,
    downMs: machine.downSince === undefined ? 0 : now - machine.downSince,
    retryAfterMs: circuit.retryAfterMs(now),
    window: machine.window(now),
  };
}
