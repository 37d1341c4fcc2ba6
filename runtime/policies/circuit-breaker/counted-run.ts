import { isRefusal } from '../../errors/refusal.js';
import { type Audience, CALLER } from '../../observe/events.js';
import { adopted, CURRENT, type UserFunction } from '../../user-code.js';
import { type Announced, tellFailed } from './announcer.js';
import type { Outcome } from './state.js';

/** The parts of a circuit that a run with a permit needs. */
export interface Settling extends Announced {
  exit(permit: number, outcome: Outcome, now: number, durationMs: number, timedOut?: boolean, audience?: Audience): void;
}

/**
 * Runs `fn`, and gives the permit back when the returned promise settles. The result is passed on unchanged.
 *
 * Uses `then`, because an async function would make a call 10 % slower.
 */
export function countedRun<T>(circuit: Settling, fn: UserFunction<() => T | PromiseLike<T>>, permit: number, start: number): Promise<T> {
  return adopted(
    CURRENT,
    started(fn),
    (value) => {
      const now = circuit.clock.now();
      circuit.exit(permit, 'success', now, now - start, false, CALLER);
      return value;
    },
    (error: unknown) => {
      const now = circuit.clock.now();
      if (isRefusal(error)) circuit.exit(permit, 'released', now, 0, false, CALLER);
      else {
        tellFailed(circuit, error);
        circuit.exit(permit, 'failure', now, now - start, false, CALLER);
      }
      throw error;
    },
  );
}

/** Calls `fn`. A synchronous exception becomes a rejection. */
function started<T>(fn: UserFunction<() => T | PromiseLike<T>>): T | PromiseLike<T> {
  try {
    return CURRENT.call(fn);
  } catch (error) {
    return Promise.reject(error);
  }
}
