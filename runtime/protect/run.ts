import type { Clock } from '../clock.js';
import { type ErrorPlace, type FuselineError, withoutStack } from '../errors/base.js';
import { TimeoutError } from '../errors/call-errors.js';
import { isRefusal } from '../errors/refusal.js';
import type { Audience } from '../observe/events.js';
import { AbortFollower, follow } from '../policies/abort-hub.js';
import { type CircuitBreaker, REFUSED } from '../policies/circuit-breaker/breaker.js';
import { tellFailed, tellRejected } from '../policies/circuit-breaker/breaker-events.js';
import type { Outcome } from '../policies/circuit-breaker/state.js';
import { DeadlineNode, startDeadline } from '../policies/timeout/deadline.js';
import { captureScope, NOT_CAPTURED, type UserFunction, type UserScope, userObject } from '../user-code.js';

/** What a protected function is given. */
export interface ProtectContext {
  /** Aborts when the time is up or the caller aborts. Made when first read: a function that does not look at it costs nothing. */
  readonly signal: AbortSignal;
}

export type FunctionToRun = (context: ProtectContext, ...args: never[]) => unknown;

/** What one run needs of the options: decided once per protected function. */
export interface RunPlan {
  readonly fn: UserFunction<FunctionToRun>;
  readonly breaker: CircuitBreaker;
  readonly clock: Clock;
  readonly timeoutMs: number | undefined;
  readonly leaseMs: number;
  readonly isFailure: UserFunction<(error: unknown) => boolean> | undefined;
  readonly name: string | undefined;
  readonly place: ErrorPlace;
}

export type Settle = (value: unknown) => void;

/** One run of a function: the deadline's list node and the context in one object. */
export class Run extends DeadlineNode implements ProtectContext, Audience {
  #permit = REFUSED;
  #startedAt = 0;
  #done = false;
  /** Why the work must stop, once it must. */
  #stopped: { readonly reason: unknown } | undefined;
  #aborter: AbortController | undefined;
  /** The context in which the function asked for its signal: what it does when that aborts belongs there. */
  #workScope: UserScope = NOT_CAPTURED;
  #follower: RunFollower | undefined;

  constructor(
    readonly plan: RunPlan,
    readonly args: readonly unknown[],
    /** The context in which the call was made. */
    readonly user: UserScope,
    readonly resolve: Settle,
    readonly reject: Settle,
  ) {
    super();
  }

  get signal(): AbortSignal {
    if (this.#aborter === undefined) {
      this.#aborter = new AbortController();
      this.#workScope = captureScope();
      // Work may look for the first time when its time is long up.
      if (this.#stopped !== undefined) this.#aborter.abort(this.#stopped.reason);
    }
    return this.#aborter.signal;
  }

  /** The circuit did not let it in. */
  get refused(): boolean {
    return this.#permit === REFUSED;
  }

  get startedAt(): number {
    return this.#startedAt;
  }

  get hears(): boolean {
    return false;
  }

  hear(): void {}

  start(signal: AbortSignal | undefined): void {
    if (isAborted(signal)) {
      // Stryker disable next-line OptionalChaining: for the types; a signal that is aborted is one.
      this.reject(signal?.reason);
      return;
    }
    const { breaker, clock, timeoutMs, leaseMs } = this.plan;
    const now = clock.now();
    this.#startedAt = now;
    this.#permit = breaker.enter(now, leaseMs, this);
    if (this.#permit === REFUSED) {
      tellRejected(breaker, now, this.plan.name, this);
      this.reject(breaker.openError(now, this.plan.place));
      return;
    }
    // A listener of the circuit's events may have aborted it meanwhile.
    if (isAborted(signal)) {
      // Stryker disable next-line OptionalChaining: as above.
      this.stop(signal?.reason);
      return;
    }
    if (this.#done) {
      breaker.release(this.#permit, now);
      return;
    }
    if (timeoutMs !== undefined) startDeadline(clock, this, timeoutMs, now, true, true);
    if (signal !== undefined) {
      this.#follower = new RunFollower(this);
      follow(signal, this.#follower);
    }
    let returned: unknown;
    let waits: boolean;
    try {
      const { fn } = this.plan;
      const { args } = this;
      // Stryker disable next-line ConditionalExpression: a short cut; to spread none comes to the same.
      returned = args.length === 0 ? this.user.call(fn, this) : this.user.call(fn, this, ...(args as never[]));
      // Here, because a proxy may throw when it is asked.
      waits = ((typeof returned === 'object' && returned !== null) || typeof returned === 'function') && 'then' in returned;
    } catch (error) {
      this.#failed(error);
      return;
    }
    if (waits) {
      // A foreign thenable may call back twice, or throw from `then` itself: a promise of our own settles once, whatever it does.
      Promise.resolve(returned).then(
        (value) => this.#succeeded(value),
        (error: unknown) => this.#failed(error),
      );
    } else this.#succeeded(returned);
  }

  /** Ends it from outside: the work's signal aborts, the caller gets `reason`. `timedOut`: the service had its time, which is a failure. */
  stop(reason: unknown, timedOut = false): void {
    if (this.#done) return;
    // The circuit's own event may end the call before the permit is known: none is given back here, and `start` does it then.
    // Stryker disable next-line StringLiteral: what is none of the other outcomes counts as released; the types let nothing else through.
    this.#settle(timedOut ? 'failure' : 'released', reason, timedOut);
    this.#stopped = { reason };
    if (this.#aborter !== undefined) this.#workScope.invoke(userObject(this.#aborter), 'abort', reason);
    this.reject(reason);
  }

  override onDeadline(): void {
    const { place, timeoutMs = 0 } = this.plan;
    const error: FuselineError = withoutStack(() => new TimeoutError(place, 'attempt', timeoutMs, 'waiting'));
    this.stop(error, true);
  }

  #succeeded(value: unknown): void {
    if (this.#done) return;
    this.#settle('success', undefined);
    this.resolve(value);
  }

  #failed(error: unknown): void {
    if (this.#done) return;
    this.#settle(outcomeOf(this.user, error, this.plan.isFailure), error);
    this.reject(error);
  }

  #settle(outcome: Outcome, error: unknown, timedOut = false): void {
    this.#done = true;
    this.disarm();
    this.#follower?.unfollow();
    const { breaker, clock, name } = this.plan;
    if (outcome === 'failure') tellFailed(breaker, error, name, this);
    const now = clock.now();
    breaker.exit(this.#permit, outcome, now, now - this.#startedAt, timedOut, this);
  }
}

/** What an error says of the service. */
export function outcomeOf(user: UserScope, error: unknown, isFailure: RunPlan['isFailure']): Outcome {
  // Stryker disable next-line StringLiteral: as in `stop`.
  if (isRefusal(error)) return 'released';
  try {
    return (isFailure === undefined ? true : (user.call(isFailure, error) ?? true)) ? 'failure' : 'ignored';
  } catch {
    return 'failure';
  }
}

/** Also one of another realm. */
export function isSignal(value: unknown): value is AbortSignal {
  return typeof value === 'object' && value !== null && 'aborted' in value && 'addEventListener' in value;
}

/** A function, so that the compiler does not take the second reading for the first. */
function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

class RunFollower extends AbortFollower {
  constructor(readonly run: Run) {
    super();
  }

  override onCallerAbort(reason: unknown): void {
    this.run.stop(reason);
  }
}
