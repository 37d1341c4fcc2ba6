import { DeadlineNode } from '../timeout/deadline.js';

/** A wait for a place or a token. The object is a list node, so that removing it from a queue takes constant time. */
export abstract class Waiter extends DeadlineNode {
  /** @internal */ queue: WaitQueue | undefined = undefined;
  /** @internal */ previousWaiter: Waiter | undefined = undefined;
  /** @internal */ nextWaiter: Waiter | undefined = undefined;

  /** Called when the waiter gets its place or token. Exactly one of `onGranted` and `onRefused` is called, once, unless the waiter was withdrawn. */
  abstract onGranted(now: number): void;

  /** Called if the wait has expired or would take too long. `retryAfterMs` is 0 if it is not known. */
  abstract onRefused(retryAfterMs: number, now: number): void;

  override onDeadline(now: number): void {
    this.queue?.expired(this, now);
  }
}

/** A queue, first in, first out. A waiter can leave at any time. */
export class WaitQueue {
  #head: Waiter | undefined;
  #tail: Waiter | undefined;
  #size = 0;
  readonly #onExpired: (waiter: Waiter, now: number) => void;

  /** `onExpired` is called with a waiter whose deadline passed while it waited, after it has left the queue. */
  constructor(onExpired: (waiter: Waiter, now: number) => void) {
    this.#onExpired = onExpired;
  }

  get size(): number {
    return this.#size;
  }

  get head(): Waiter | undefined {
    return this.#head;
  }

  push(waiter: Waiter): void {
    waiter.queue = this;
    waiter.previousWaiter = this.#tail;
    waiter.nextWaiter = undefined;
    if (this.#tail === undefined) this.#head = waiter;
    else this.#tail.nextWaiter = waiter;
    this.#tail = waiter;
    this.#size++;
  }

  /** Removes a waiter. Returns false if it is not in this queue. Only the code that removed a waiter may settle it. */
  remove(waiter: Waiter): boolean {
    if (waiter.queue !== this) return false;
    const { previousWaiter, nextWaiter } = waiter;
    if (previousWaiter === undefined) this.#head = nextWaiter;
    else previousWaiter.nextWaiter = nextWaiter;
    if (nextWaiter === undefined) this.#tail = previousWaiter;
    else nextWaiter.previousWaiter = previousWaiter;
    waiter.queue = undefined;
    waiter.previousWaiter = undefined;
    waiter.nextWaiter = undefined;
    waiter.disarm();
    this.#size--;
    return true;
  }

  /** @internal */
  expired(waiter: Waiter, now: number): void {
    if (this.remove(waiter)) this.#onExpired(waiter, now);
  }
}
