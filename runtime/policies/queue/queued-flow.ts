import type { Openings, OpeningWaiter } from '../circuit-breaker/openings.js';
import type { Failure } from '../stage.js';
import { Waiter } from './wait-queue.js';

/** The parts of the inner circuit that a link with a queue needs. */
export interface QueueCircuit {
  /** The calls that end their wait when the circuit opens. */
  readonly openings: Pick<Openings, 'add' | 'delete'>;
  isOpen(now: number): boolean;
}

/** The link that is notified when the wait of a flow ends. */
export interface QueueLink<F> {
  granted(flow: F, now: number): void;
  /** `retryAfterMs` is 0 if it is not known. */
  refused(flow: F, retryAfterMs: number, now: number): void;
  circuitOpened(flow: F, waiter: QueuedFlow<F>, now: number): void;
}

/** The entry of a flow in the queue for a place or a token. */
export class QueuedFlow<F> extends Waiter implements OpeningWaiter {
  readonly #link: QueueLink<F>;
  readonly #flow: F;

  constructor(link: QueueLink<F>, flow: F) {
    super();
    this.#link = link;
    this.#flow = flow;
  }

  override onGranted(now: number): void {
    this.#link.granted(this.#flow, now);
  }

  override onRefused(retryAfterMs: number, now: number): void {
    this.#link.refused(this.#flow, retryAfterMs, now);
  }

  circuitOpened(now: number): void {
    this.#link.circuitOpened(this.#flow, this, now);
  }
}

/** Counts the calls that a limit refused. */
export interface LimitCount {
  limited: number;
}

/** The common fields of a failure because a policy refused the call. */
export const LIMITED: Omit<Failure, 'error' | 'cause'> = {
  outcome: 'released',
  timedOut: false,
  refused: true,
  transient: false,
  neverSent: true,
  throttled: false,
  waitMs: undefined,
  answerable: true,
};
