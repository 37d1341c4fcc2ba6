import { ConfigurationError } from '../../errors/configuration-error.js';
import { givenFunction, givenObject, givenSignal } from '../../errors/given.js';
import { namesOf, refuseUnknown } from '../../errors/known-options.js';
import { CURRENT, captureScope, type UserObject, userFunction, userObject } from '../../user-code.js';
import { type AbortFollower, followWith } from '../abort-hub.js';
import { type Flight, Flights, type Seat, type Work } from './flights.js';

/** A snapshot of a coalescer. Counters start at 0 when the coalescer is created. */
export interface CoalescerStats {
  /** Runs in flight now. */
  readonly inFlight: number;
  /** Runs started. */
  readonly started: number;
  /** Callers that joined a run already in flight. */
  readonly joined: number;
}

/** Options of one caller. */
interface CoalesceOptions {
  readonly signal?: AbortSignal | undefined;
}

const NAMES = namesOf<CoalesceOptions>({ signal: 1 });

/**
 * Shares one run between callers that ask for the same key at the same time. It is not a cache: once the run has ended, with a result or an error,
 * the next caller starts a new one. Each caller keeps its own signal and gets its own copy of the result. The run is aborted when the last caller
 * leaves.
 *
 * @example
 * const coalescer = new Coalescer();
 * const rates = await coalescer.run('rates/EUR', ({ signal }) => loadRates('EUR', { signal }), { signal: mine });
 */
export class Coalescer {
  readonly #flights = new Flights();

  /**
   * Runs `fn`, or waits for the run already in flight under the same key. The signal passed to `fn` aborts once no caller waits any more. Every
   * caller except the first gets a copy made by `structuredClone`. If the result cannot be copied, those callers get an error.
   *
   * @throws {ConfigurationError} if `key` is not a string, `fn` is not a function, or an option does not exist or is invalid.
   */
  run<T>(key: string, fn: (context: { readonly signal: AbortSignal }) => T | PromiseLike<T>, options: CoalesceOptions = {}): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (typeof key !== 'string') throw new ConfigurationError('key', key, 'a string');
      givenFunction('fn', fn);
      refuseUnknown('a shared run', givenObject('options of the run', options), NAMES);
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
    this.#follower = followWith(signal, (reason) => {
      this.flight?.leave(this, false);
      this.reject(reason);
    });
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
