import type { TimerHandle } from '../clock.js';
import type { FuselineError } from '../errors/base.js';
import type { UserScope } from '../user-code.js';
import type { AttemptFailure } from './attempt.js';
import type { CompiledOperation } from './compile.js';
import { finalError, waitBeforeRetry } from './retry-decision.js';

/** What a call that has met a failure keeps: the errors, what it paid for the retry, and the wait for it. A call that succeeds at once has none. */
export class Retries {
  readonly #op: CompiledOperation;
  readonly #errors: FuselineError[] = [];
  #timer: TimerHandle | undefined;
  /** Whether the retry that was paid for was throttled: nobody asks before one was. */
  #throttled!: boolean;
  /** The retry that was paid for has not been sent. */
  #unsent = false;

  constructor(op: CompiledOperation) {
    this.#op = op;
  }

  get last(): FuselineError | undefined {
    return this.#errors.at(-1);
  }

  /** Takes note of a failed attempt and pays for the next. Returns how long to wait for it, or undefined where none may follow. */
  afterFailure(failure: AttemptFailure, attempts: number, now: number, until: number, user: UserScope): number | undefined {
    this.#errors.push(failure.error);
    const waitMs = waitBeforeRetry(this.#op, failure, attempts, now, until, user);
    // Stryker disable next-line ConditionalExpression: a call that ends gives back at once what it paid for no retry.
    if (waitMs === undefined) return undefined;
    if (!this.#op.budget.take(failure.throttled)) return undefined;
    this.#throttled = failure.throttled;
    this.#unsent = true;
    return waitMs;
  }

  wait(waitMs: number, again: () => void): void {
    // Not unref'd: the caller is waiting, so the process must not end here.
    this.#timer = this.#op.core.clock.setTimeout(() => {
      this.#timer = undefined;
      again();
    }, waitMs);
  }

  /** The retry is on its way. */
  sent(): void {
    this.#unsent = false;
  }

  /** The retry that was sent helped: it costs nothing. */
  succeeded(): void {
    this.#op.budget.refund(this.#throttled);
  }

  /** No attempt follows: gives back what was paid for one. */
  end(): void {
    if (this.#unsent) this.#op.budget.refund(this.#throttled);
    this.#unsent = false;
    if (this.#timer !== undefined) this.#op.core.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** What the caller is told after the last of them. `transient`: more attempts might have helped. */
  finalError(last: FuselineError, transient: boolean): FuselineError {
    return finalError(this.#op, this.#errors, last, transient);
  }
}
