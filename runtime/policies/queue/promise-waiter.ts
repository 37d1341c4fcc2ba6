import { ConfigurationError } from '../../errors/configuration-error.js';
import { givenSignal } from '../../errors/given.js';
import { AbortFollower, follow } from '../abort-hub.js';
import { Waiter } from './wait-queue.js';

/** A waiter behind a promise, for policies that are used alone. */
export class PromiseWaiter<T> extends Waiter {
  #follower: AbortFollower | undefined;

  constructor(
    readonly resolve: (value: T) => void,
    readonly reject: (reason: unknown) => void,
    readonly make: { readonly granted: (now: number) => T; readonly refused: (retryAfterMs: number) => Error },
  ) {
    super();
  }

  /** `withdraw` takes it out of its queue when the signal aborts. */
  heed(signal: AbortSignal | undefined, withdraw: () => void): void {
    if (signal === undefined) return;
    this.#follower = new Leaver((reason) => {
      withdraw();
      this.reject(reason);
    });
    follow(signal, this.#follower);
  }

  override onGranted(now: number): void {
    this.#follower?.unfollow();
    this.resolve(this.make.granted(now));
  }

  override onRefused(retryAfterMs: number): void {
    this.#follower?.unfollow();
    this.reject(this.make.refused(retryAfterMs));
  }
}

class Leaver extends AbortFollower {
  constructor(readonly onCallerAbort: (reason: unknown) => void) {
    super();
  }
}

/** Options of one wait. */
export interface WaitOptions {
  /** Ends the wait at once; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Longest wait, in milliseconds. Default: the policy's. */
  readonly maxWaitMs?: number | undefined;
}

/** @throws {ConfigurationError} */
export function checkWaitOptions({ signal, maxWaitMs }: WaitOptions): void {
  if (signal !== undefined) givenSignal('signal', signal);
  if (maxWaitMs !== undefined) checkWait('maxWaitMs', maxWaitMs);
}

/** A wait may be 0, and endless. @throws {ConfigurationError} */
export function checkWait(option: string, value: number): number {
  if (typeof value !== 'number' || !(value >= 0)) throw new ConfigurationError(option, value, 'milliseconds, 0 or more');
  return value;
}
