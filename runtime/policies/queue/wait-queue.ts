import { DeadlineNode } from '../timeout/deadline.js';

/** Someone who waits for a place or a token. A list node, so that leaving from the middle of a queue costs the same whatever its length. */
export abstract class Waiter extends DeadlineNode {
  /** @internal */ queue: WaitQueue | undefined = undefined;
  /** @internal */ previousWaiter: Waiter | undefined = undefined;
  /** @internal */ nextWaiter: Waiter | undefined = undefined;

  /** It has what it waited for. One of the two is called, once, unless it was withdrawn. */
  abstract onGranted(now: number): void;

  /** It waited as long as it may, or never can have it in time; `retryAfterMs` where that is known, else 0. */
  abstract onRefused(retryAfterMs: number, now: number): void;

  override onDeadline(now: number): void {
    this.queue?.expired(this, now);
  }
}

/** First in, first out; anyone may leave at any time. */
export class WaitQueue {
  #head: Waiter | undefined;
  #tail: Waiter | undefined;
  #size = 0;
  readonly #onExpired: (waiter: Waiter, now: number) => void;

  /** `onExpired` is told of one whose deadline came while it waited, after it has left. */
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

  /** False where it does not wait here any more: whoever removes it settles it, and no one else. */
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
