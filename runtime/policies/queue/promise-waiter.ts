import { wait } from '../../errors/checks.js';
import { givenObject, givenSignal } from '../../errors/given.js';
import { namesOf, refuseUnknown } from '../../errors/known-options.js';
import { type AbortFollower, followWith } from '../abort-hub.js';
import { Waiter } from './wait-queue.js';

/** A waiter that settles a promise, for policies used on their own. */
export class PromiseWaiter<T> extends Waiter {
  #follower: AbortFollower | undefined;

  constructor(
    readonly resolve: (value: T) => void,
    readonly reject: (reason: unknown) => void,
    readonly make: { readonly granted: (now: number) => T; readonly refused: (retryAfterMs: number) => Error },
  ) {
    super();
  }

  /** Ends the wait when the signal aborts, or at once if it cannot be followed. `withdraw` removes the waiter from its queue. */
  heed(signal: AbortSignal | undefined, withdraw: () => void): void {
    if (signal === undefined) return;
    try {
      this.#follower = followWith(signal, (reason) => {
        withdraw();
        this.reject(reason);
      });
    } catch (error) {
      withdraw();
      this.reject(error);
    }
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

/** Options of one wait. */
export interface WaitOptions {
  /** Ends the wait immediately when it aborts. The promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Longest wait, in milliseconds. `null` or `Infinity` means no limit. Default: the `maxWaitMs` of the policy. */
  readonly maxWaitMs?: number | null | undefined;
}

const NAMES = namesOf<WaitOptions>({ signal: 1, maxWaitMs: 1 });

/** Checks the options and returns them with `maxWaitMs` as a number. @throws {ConfigurationError} naming the invalid option. */
export function waitOptions(
  options: WaitOptions,
  usualWaitMs: number,
): { readonly signal: AbortSignal | undefined; readonly maxWaitMs: number } {
  refuseUnknown('a wait', givenObject('options of the wait', options), NAMES);
  const { signal, maxWaitMs } = options;
  if (signal !== undefined) givenSignal('signal', signal);
  return { signal, maxWaitMs: maxWaitMs === undefined ? usualWaitMs : waitMsOf('maxWaitMs', maxWaitMs) };
}

/** Returns a wait in milliseconds, 0 or more; Infinity for null. @throws {ConfigurationError} if the value is not a wait. */
export function waitMsOf(option: string, value: number | null): number {
  return (wait(option, value) as number | null) ?? Number.POSITIVE_INFINITY;
}
