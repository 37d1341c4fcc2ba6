import { ConfigurationError } from '../../errors/configuration-error.js';
import { givenFunction, givenSignal } from '../../errors/given.js';
import { CURRENT, captureScope, type UserObject, userFunction, userObject } from '../../user-code.js';
import { AbortFollower, follow } from '../abort-hub.js';
import { type Flight, Flights, type Seat, type Work } from './flights.js';

/** Coalescing at one moment. Counters run since it was made. */
export interface CoalescerStats {
  /** Pieces of work in flight now. */
  readonly inFlight: number;
  /** Pieces of work started. */
  readonly started: number;
  /** Callers who joined work that was already in flight. */
  readonly joined: number;
}

/**
 * Lets callers who ask for the same thing at the same time share one piece of work. Not a cache: once the work has ended, well or badly, the
 * next caller starts new work. Each caller keeps its own signal and gets a copy of the result. The work ends when its last caller leaves.
 *
 * @example
 * const coalescer = new Coalescer();
 * const rates = await coalescer.run('rates/EUR', ({ signal }) => loadRates('EUR', { signal }), { signal: mine });
 */
export class Coalescer {
  readonly #flights = new Flights();

  /**
   * Runs `fn`, or waits for the run that is in flight under that key. The signal of `fn` aborts once no caller waits any more. All callers but
   * the first get a copy by `structuredClone`; a result that cannot be copied is an error for them.
   */
  run<T>(
    key: string,
    fn: (context: { readonly signal: AbortSignal }) => T | PromiseLike<T>,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (typeof key !== 'string') throw new ConfigurationError('key', key, 'a string');
      givenFunction('fn', fn);
      const { signal } = options;
      if (signal !== undefined) givenSignal('signal', signal);
      if (signal?.aborted === true) {
        reject(signal.reason);
        return;
      }
      const seat = new PromiseSeat(resolve as (value: unknown) => void, reject, signal);
      const flight = this.#flights.board(key, '', seat);
      if (flight === undefined) return;
      const aborter = new AbortController();
      flight.work = new AbortedWork(aborter);
      // In a promise, so that a synchronous throw is a rejection.
      void new Promise<T>((start) => start(CURRENT.call(userFunction(fn), { signal: aborter.signal }))).then(
        (value) => flight.land(value),
        (error: unknown) => flight.fail(error),
      );
    });
  }

  stats(): CoalescerStats {
    const { inFlight, started, joined } = this.#flights;
    return { inFlight, started, joined };
  }
}

/** Work that ends by a signal. */
class AbortedWork implements Work {
  readonly #aborter: UserObject<AbortController>;
  /** The listeners of the signal belong to the work, and the last caller to leave may be in the context of another tenant. */
  readonly #scope = captureScope();

  constructor(aborter: AbortController) {
    this.#aborter = userObject(aborter);
  }

  cancel(): void {
    this.#scope.invoke(this.#aborter, 'abort', new DOMException('no one waits for it any more', 'AbortError'));
  }
}

class PromiseSeat implements Seat {
  flight: Flight | undefined = undefined;
  readonly until = Number.POSITIVE_INFINITY;
  readonly #follower: AbortFollower | undefined;

  constructor(
    readonly resolve: (value: unknown) => void,
    readonly reject: (reason: unknown) => void,
    signal: AbortSignal | undefined,
  ) {
    if (signal === undefined) return;
    this.#follower = new SeatFollower((reason) => {
      this.flight?.leave(this, false);
      this.reject(reason);
    });
    follow(signal, this.#follower);
  }

  onLanded(value: unknown): void {
    this.#follower?.unfollow();
    this.resolve(value);
  }

  onFailed(error: unknown): void {
    this.#follower?.unfollow();
    this.reject(error);
  }
}

class SeatFollower extends AbortFollower {
  constructor(readonly onCallerAbort: (reason: unknown) => void) {
    super();
  }
}
