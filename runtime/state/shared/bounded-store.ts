import type { Clock, TimerHandle } from '../../clock.js';
import type { SharedStateEvent } from '../../observe/events.js';
import { quietly } from '../../observe/quietly.js';
import type { SharedStateStore } from './store.js';

/** Why there is no answer. */
export type Failure = NonNullable<SharedStateEvent['reason']>;

/** What a store answered, unchecked, or why it did not. */
export type Answer = { readonly value: unknown } | { readonly failure: Failure };

/** Asks a store that may do anything: there is an answer in time, and no error gets out. */
export class BoundedStore {
  readonly #store: SharedStateStore;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  #giveUp: (() => void) | undefined;

  constructor(store: SharedStateStore, clock: Clock, timeoutMs: number) {
    this.#store = store;
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
  }

  exchange(instance: string, report: string, leaseMs: number): Promise<Answer> {
    const aborter = new AbortController();
    // In an async function, so that a store that throws at once rejects as any other.
    const asked = (async (): Promise<unknown> => this.#store.exchange(instance, report, leaseMs, aborter.signal))();
    return new Promise((resolve) => {
      let timer: TimerHandle | undefined;
      const end = (answer: Answer): void => {
        if (timer !== undefined) this.#clock.clearTimeout(timer);
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
      timer = this.#clock.setTimeout(giveUp, this.#timeoutMs);
      timer.unref?.();
      asked.then(
        (value) => settled({ value }),
        () => settled({ failure: 'error' }),
      );
    });
  }

  /** Takes back what was reported, so that who goes and comes again is not two. Whether it can is not waited for: a lease ends by itself. */
  leave(instance: string, nothing: string): void {
    quietly(() => this.#store.exchange(instance, nothing, 0, new AbortController().signal));
  }

  /** Waits no longer for the exchange that is under way. */
  giveUp(): void {
    this.#giveUp?.();
  }
}
