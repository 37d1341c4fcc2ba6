import { ConfigurationError, Wording } from '../errors/configuration-error.js';

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
    if (this.#head === undefined) this.#listen();
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
    if (this.#head !== undefined) return;
    try {
      this.#signal.removeEventListener('abort', this.#listener);
    } catch {
      // The work is over, and its end must not fail because of the signal.
    }
  }

  #listen(): void {
    try {
      this.#signal.addEventListener('abort', this.#listener, { once: true });
    } catch {
      throw new ConfigurationError('signal', new Wording('an object whose addEventListener throws'), 'an AbortSignal');
    }
  }

  #abort(): void {
    const reason = reasonOf(this.#signal);
    for (let follower = this.#head; follower !== undefined; follower = this.#head) {
      this.remove(follower);
      follower.onCallerAbort(reason);
    }
  }
}

/** Returns the reason of a signal. It can be another object than an `AbortSignal`, so reading it can throw. */
function reasonOf(signal: AbortSignal): unknown {
  try {
    return signal.reason;
  } catch (error) {
    return error;
  }
}

const hubs = new WeakMap<AbortSignal, AbortHub>();

/**
 * Notifies `follower` when `signal` aborts, until the follower calls `unfollow`. The signal must not be aborted yet.
 *
 * @throws {ConfigurationError} if the signal cannot be followed. Then the follower is not added.
 */
export function follow(signal: AbortSignal, follower: AbortFollower): void {
  let hub = hubs.get(signal);
  if (hub === undefined) {
    hub = new AbortHub(signal);
    hubs.set(signal, hub);
  }
  hub.add(follower);
}

/** As `follow`, for a function. Returns its follower. */
export function followWith(signal: AbortSignal, onCallerAbort: (reason: unknown) => void): AbortFollower {
  const follower = new FunctionFollower(onCallerAbort);
  follow(signal, follower);
  return follower;
}

class FunctionFollower extends AbortFollower {
  constructor(readonly onCallerAbort: (reason: unknown) => void) {
    super();
  }
}
