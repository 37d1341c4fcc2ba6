import type { TimerHandle } from '../clock.js';
import { withoutStack } from '../errors/base.js';
import { RetryExhaustedError, TimeoutError } from '../errors/call-errors.js';
import { causeOfAny } from '../errors/cause.js';
import { HttpError } from '../errors/http-error.js';
import { isRefusal } from '../errors/refusal.js';
import { asFuselineError } from '../errors/thrown-error.js';
import type { Audience } from '../observe/events.js';
import { AbortFollower, follow } from '../policies/abort-hub.js';
import { DeadlineNode, startDeadline } from '../policies/timeout/deadline.js';
import { captureScope } from '../user-code.js';
import { firstAnswer } from './function-fallback.js';
import { type FullPlan, tellFallback, tellRetry, waitBeforeRun, worthAnother } from './function-retry.js';
import { outcomeOf, Run, type Settle } from './run.js';

/** One call of a protected function: its runs, the waits between them, the deadline over all and the fallback. Settles once. */
export class ProtectedCall extends AbortFollower implements Audience {
  /** The context in which the call was made: the function is run again in it. */
  readonly user = captureScope();
  #settled = false;
  #attempts = 0;
  #totalAt = Number.POSITIVE_INFINITY;
  #run: Run | undefined;
  #total: TotalDeadline | undefined;
  #timer: TimerHandle | undefined;
  readonly #errors: unknown[] = [];
  /** Whether the retry that was paid for was throttled: nobody asks before one was. */
  #throttled!: boolean;
  // Stryker disable next-line BooleanLiteral: the first run says so, and nothing is given back before.
  #unsent = false;

  constructor(
    readonly plan: FullPlan,
    readonly args: readonly unknown[],
    /** What a fallback is told. */
    readonly params: readonly unknown[],
    readonly signal: AbortSignal | undefined,
    readonly resolve: Settle,
    readonly reject: Settle,
  ) {
    super();
  }

  start(): void {
    const { signal } = this;
    if (signal?.aborted === true) {
      this.reject(signal.reason);
      return;
    }
    const { totalTimeoutMs, run } = this.plan;
    const now = run.clock.now();
    if (totalTimeoutMs !== undefined) {
      this.#totalAt = now + totalTimeoutMs;
      this.#total = new TotalDeadline(this);
      startDeadline(run.clock, this.#total, totalTimeoutMs, now, true, true);
    }
    if (signal !== undefined) follow(signal, this);
    this.#attempt();
  }

  get hears(): boolean {
    return false;
  }

  hear(): void {}

  override onCallerAbort(reason: unknown): void {
    this.#stop(reason);
  }

  /** The time of the whole call is up. */
  outOfTime(): void {
    const run = this.#run;
    const last = this.#errors.at(-1);
    const options = last === undefined ? undefined : { cause: last };
    const phase = run === undefined ? 'backoff' : 'waiting';
    const { place } = this.plan.run;
    const error = withoutStack(() => new TimeoutError(place, 'total', this.plan.totalTimeoutMs ?? 0, phase, options));
    this.#run = undefined;
    this.#cancelWait();
    if (run !== undefined) this.#cutShort(run, error);
    // A listener may have aborted the call.
    if (!this.#settled) this.#end(error, error, true);
  }

  /** The rest of a deadline says nothing of the service, unless the run had all the time that a run is given. */
  #cutShort(run: Run, error: TimeoutError): void {
    const { timeoutMs, clock } = this.plan.run;
    run.stop(error, timeoutMs === undefined ? this.#attempts === 1 : clock.now() - run.startedAt >= timeoutMs);
  }

  #attempt(): void {
    // Timers come late where the event loop was blocked: the deadline is near, and there is no time for another run.
    if (this.plan.run.clock.now() >= this.#totalAt) {
      this.outOfTime();
      return;
    }
    this.#attempts++;
    this.#unsent = false;
    const run: Run = new Run(
      this.plan.run,
      this.args,
      this.user,
      (value) => this.#succeeded(value),
      (error) => this.#failed(error, run),
    );
    this.#run = run;
    run.start(undefined);
  }

  #succeeded(value: unknown): void {
    if (this.#settled) return;
    if (this.#attempts === 1) this.plan.budget.success();
    else this.plan.budget.refund(this.#throttled);
    this.#finish(value);
  }

  #failed(error: unknown, run: Run): void {
    // Not the run at hand: it was stopped, and its end is known.
    if (this.#settled || run !== this.#run) return;
    this.#run = undefined;
    if (run.refused) {
      const last = this.#errors.at(-1);
      if (last === undefined) this.#end(error, error, true);
      else this.#end(last, this.#final(last), true);
      return;
    }
    this.#errors.push(error);
    const throttled = error instanceof HttpError && error.status === 429;
    const again = worthAnother(this.plan, this.user, error, this.#attempts);
    const waitMs = again ? waitBeforeRun(this.plan, this.user, error, throttled, this.#attempts, this.#totalAt) : undefined;
    if (waitMs === undefined || !this.plan.budget.take(throttled)) {
      const { isFailure } = this.plan.run;
      const answers = isRefusal(error) || outcomeOf(this.user, error, isFailure) === 'failure';
      this.#end(error, again ? this.#final(error) : error, answers);
      return;
    }
    this.#throttled = throttled;
    this.#unsent = true;
    tellRetry(this.plan, this, this.#attempts + 1, waitMs, error);
    // A listener may have aborted the call.
    if (this.#settled) {
      this.#refund();
      return;
    }
    // Not unref'd: the caller is waiting, so the process must not end here.
    this.#timer = this.plan.run.clock.setTimeout(() => {
      this.#timer = undefined;
      this.#attempt();
    }, waitMs);
  }

  #final(last: unknown): unknown {
    if (this.#errors.length < 2) return last;
    const { place } = this.plan.run;
    return withoutStack(() => {
      const lastError = asFuselineError(last, place);
      const errors = [...this.#errors.slice(0, -1).map((error) => asFuselineError(error, place)), lastError];
      return new RetryExhaustedError(place, errors.length, errors, lastError);
    });
  }

  /** No run follows: the fallback answers, where there is one and `answers`, or the caller gets the error. */
  #end(cause: unknown, error: unknown, answers: boolean): void {
    this.#refund();
    this.#total?.disarm();
    const { fallback, operation, run } = this.plan;
    if (!answers) {
      this.#fail(error);
      return;
    }
    const told = { params: this.params, operation, signal: this.signal };
    firstAnswer(
      this.user,
      fallback,
      told,
      () => asFuselineError(error, run.place),
      (value) => this.#fellBack(value, causeOfAny(cause)),
      () => this.#fail(error),
    );
  }

  #fellBack(value: unknown, cause: string): void {
    if (this.#settled) return;
    tellFallback(this.plan, this, cause);
    this.#finish(value);
  }

  #finish(value: unknown): void {
    this.#close();
    this.resolve(value);
  }

  #fail(error: unknown): void {
    this.#close();
    this.reject(error);
  }

  /** The caller left. */
  #stop(reason: unknown): void {
    const run = this.#run;
    this.#run = undefined;
    this.#close();
    run?.stop(reason);
    this.reject(reason);
  }

  /** Nothing is left of it: whoever settles it again settles nothing. */
  #close(): void {
    this.#settled = true;
    this.#cancelWait();
    this.#refund();
    this.#total?.disarm();
    this.unfollow();
  }

  #cancelWait(): void {
    if (this.#timer === undefined) return;
    this.plan.run.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #refund(): void {
    if (this.#unsent) this.plan.budget.refund(this.#throttled);
    this.#unsent = false;
  }
}

class TotalDeadline extends DeadlineNode {
  constructor(readonly call: ProtectedCall) {
    super();
  }

  override onDeadline(): void {
    this.call.outOfTime();
  }
}
