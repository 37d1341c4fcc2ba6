import type { Background } from '../../background.js';
import type { TimerHandle } from '../../clock.js';
import type { SharedStateEvent } from '../../observe/events.js';
import { CURRENT, quietly, type UserObject, userFunction, userObject } from '../../user-code.js';
import type { SharedStateStore } from './store.js';

/** Why an exchange failed. */
export type Failure = NonNullable<SharedStateEvent['reason']>;

/** The answer of a store, unchecked, or the reason for its failure. */
export type Answer = { readonly value: unknown } | { readonly failure: Failure };

/** Asks a store that can do anything. Each exchange ends in time, and never throws or rejects. */
export class BoundedStore {
  readonly #store: UserObject<SharedStateStore>;
  readonly #background: Background;
  readonly #timeoutMs: number;
  #giveUp: (() => void) | undefined;

  constructor(store: SharedStateStore, background: Background, timeoutMs: number) {
    this.#store = userObject(store);
    this.#background = background;
    this.#timeoutMs = timeoutMs;
  }

  exchange(instance: string, report: string, leaseMs: number): Promise<Answer> {
    const { scope, clock } = this.#background;
    const aborter = new AbortController();
    // In an async function, so that a synchronous throw is a rejection.
    const asked = (async (): Promise<unknown> => scope.invoke(this.#store, 'exchange', instance, report, leaseMs, aborter.signal))();
    return new Promise((resolve) => {
      let timer: TimerHandle | undefined;
      const end = (answer: Answer): void => {
        if (timer !== undefined) clock.clearTimeout(timer);
        this.#giveUp = undefined;
        resolve(answer);
      };
      const giveUp = (): void => {
        end({ failure: 'timeout' });
        aborter.abort();
      };
      const settled = (answer: Answer): void => {
        // A late answer must not end the next exchange.
        if (this.#giveUp === giveUp) end(answer);
      };
      this.#giveUp = giveUp;
      timer = clock.setTimeout(giveUp, this.#timeoutMs);
      timer.unref?.();
      asked.then(
        (value) => settled({ value }),
        () => settled({ failure: 'error' }),
      );
    });
  }

  /** Takes back the report of this instance, so that a restarted process does not count twice. Does not wait, because the lease ends by itself. */
  leave(instance: string, nothing: string): void {
    const { scope } = this.#background;
    const { signal } = new AbortController();
    quietly(
      scope,
      userFunction(() => CURRENT.invoke(this.#store, 'exchange', instance, nothing, 0, signal)),
    );
  }

  /** Ends the exchange that is under way as timed out. */
  giveUp(): void {
    this.#giveUp?.();
  }
}
