/** Is notified when a caller's signal aborts. The object is a list node, so that following a signal allocates nothing. */
export abstract class AbortFollower {
  /** @internal */ hub: AbortHub | undefined = undefined;
  /** @internal */ previousFollower: AbortFollower | undefined = undefined;
  /** @internal */ nextFollower: AbortFollower | undefined = undefined;

  /** Called at most once. */
  abstract onCallerAbort(reason: unknown): void;

  unfollow(): void {
    this.hub?.remove(this);
  }
}

/**
 * Adds one listener to a signal, for any number of calls. A program that passes one long-lived signal to 100,000 calls has at most one listener on
 * it, and none while no call is in flight (https://github.com/nodejs/node/issues/46525).
 */
export class AbortHub {
  readonly #signal: AbortSignal;
  #head: AbortFollower | undefined;
  readonly #listener = (): void => this.#abort();

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  add(follower: AbortFollower): void {
    if (this.#head === undefined) this.#signal.addEventListener('abort', this.#listener, { once: true });
    else this.#head.previousFollower = follower;
    follower.hub = this;
    follower.previousFollower = undefined;
    follower.nextFollower = this.#head;
    this.#head = follower;
  }

  remove(follower: AbortFollower): void {
    if (follower.hub !== this) return;
    const { previousFollower, nextFollower } = follower;
    if (previousFollower === undefined) this.#head = nextFollower;
    else previousFollower.nextFollower = nextFollower;
    if (nextFollower !== undefined) nextFollower.previousFollower = previousFollower;
    follower.hub = undefined;
    follower.previousFollower = undefined;
    follower.nextFollower = undefined;
    if (this.#head === undefined) this.#signal.removeEventListener('abort', this.#listener);
  }

  #abort(): void {
    const reason: unknown = this.#signal.reason;
    for (let follower = this.#head; follower !== undefined; follower = this.#head) {
      this.remove(follower);
      follower.onCallerAbort(reason);
    }
  }
}

const hubs = new WeakMap<AbortSignal, AbortHub>();

/** Notifies `follower` when `signal` aborts, until the follower calls `unfollow`. The signal must not be aborted yet. */
export function follow(signal: AbortSignal, follower: AbortFollower): void {
  let hub = hubs.get(signal);
  if (hub === undefined) {
    hub = new AbortHub(signal);
    hubs.set(signal, hub);
  }
  hub.add(follower);
}
