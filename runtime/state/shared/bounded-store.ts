import type { Background } from '../../background.js';
import type { TimerHandle } from '../../clock.js';
import type { SharedStateEvent } from '../../observe/events.js';
import { CURRENT, quietly, type UserObject, userFunction, userObject } from '../../user-code.js';
import type { SharedStateStore } from './store.js';

/** Why there is no answer. */
export type Failure = NonNullable<SharedStateEvent['reason']>;

/** What a store answered, unchecked, or why it did not. */
export type Answer = { readonly value: unknown } | { readonly failure: Failure };

/** Asks a store that may do anything: there is an answer in time, and no error gets out. */
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
    // In an async function, so that a store that throws at once rejects as any other.
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
        // One that comes late must not end the exchange that goes on now.
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

  /** Takes back what was reported, so that who goes and comes again is not two. Whether it can is not waited for: a lease ends by itself. */
  leave(instance: string, nothing: string): void {
    const { scope } = this.#background;
    const { signal } = new AbortController();
    quietly(
      scope,
      userFunction(() => CURRENT.invoke(this.#store, 'exchange', instance, nothing, 0, signal)),
    );
  }

  /** Waits no longer for the exchange that is under way. */
  giveUp(): void {
    this.#giveUp?.();
  }
}
