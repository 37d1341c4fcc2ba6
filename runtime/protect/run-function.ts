import type { Clock } from '../clock.js';
import { type ErrorPlace, withoutStack } from '../errors/base.js';
import { TimeoutError } from '../errors/call-errors.js';
import type { Outcome } from '../policies/circuit-breaker/state.js';
import type { Expiry, Flow, Inner, Outer } from '../policies/stage.js';
import { startDeadline } from '../policies/timeout/deadline.js';
import { hadItsTime } from '../policies/timeout/had-its-time.js';
import type { UserFunction } from '../user-code.js';
import { HandlerPool } from './handler-pool.js';
import type { FunctionToRun, Run } from './run.js';
import { type Judges, outcomeOf, RunFailure } from './run-failure.js';

/** A call of a protected function. */
export interface FunctionFlow extends Flow {
  readonly args: readonly unknown[];
  /** The caller's signal. */
  readonly caller: AbortSignal | undefined;
  /** The current run, or the last one. */
  readonly run: Run | undefined;
  /** Starts a run and counts it. */
  nextRun(): Run;
}

/** The parts of the innermost link. */
export interface RunParts extends Judges {
  readonly fn: UserFunction<FunctionToRun>;
  readonly clock: Clock;
  /** Limit of one run, in milliseconds; undefined if there is none. */
  readonly timeoutMs: number | undefined;
  readonly place: ErrorPlace;
}

/** The innermost link of a protected function: runs the function within the limit of one run. */
export class RunFunction<F extends FunctionFlow> implements Inner<F> {
  // Set by `connect`.
  outer!: Outer<F>;
  readonly #parts: RunParts;
  readonly #handlers = new HandlerPool();

  constructor(parts: RunParts) {
    this.#parts = parts;
  }

  enter(flow: F, now: number): void {
    const { fn, clock, timeoutMs } = this.#parts;
    const run = flow.nextRun();
    if (timeoutMs !== undefined) startDeadline(clock, run, timeoutMs, now, true, true);
    let returned: unknown;
    try {
      const { args, user } = flow;
      // Stryker disable next-line ConditionalExpression: a short cut; an empty spread does the same.
      returned = args.length === 0 ? user.call(fn, run) : user.call(fn, run, ...(args as never[]));
    } catch (error) {
      this.threw(flow, run, error);
      return;
    }
    if (!this.#handlers.watch(flow.user, returned, run)) this.returned(flow, run, returned);
  }

  leave(flow: F, now: number, expiry: Expiry | undefined): Outcome {
    const { run } = flow;
    if (run === undefined || run.ended) return 'released';
    if (expiry === undefined) {
      run.leaveBehind(flow.caller?.reason);
      return 'released';
    }
    run.leaveBehind(expiry.error);
    const ranMs = now - flow.permitAt;
    const failed = hadItsTime({ ranMs, limitMs: this.#parts.timeoutMs, number: flow.attempts, callLimitMs: expiry.limitMs });
    return failed ? 'failure' : 'released';
  }

  drop(flow: F): void {
    flow.run?.abort();
  }

  /** Called when the run exceeds its time limit. */
  timeUp(flow: F, run: Run, now: number): void {
    const { place, timeoutMs = 0, when } = this.#parts;
    const error = withoutStack(() => new TimeoutError(place, 'attempt', timeoutMs, 'waiting'));
    run.leaveBehind(error);
    this.outer.failed(flow, new RunFailure(error, 'failure', true, flow, when), now);
    run.abort();
  }

  returned(flow: F, run: Run, value: unknown): void {
    if (run.ended) return;
    run.end();
    this.outer.succeeded(flow, value, this.#parts.clock.now());
  }

  threw(flow: F, run: Run, error: unknown): void {
    if (run.ended) return;
    const { clock, isFailure, when } = this.#parts;
    const outcome = outcomeOf(flow.user, error, isFailure);
    // The predicate can have aborted the call.
    if (run.ended) return;
    run.end();
    this.outer.failed(flow, new RunFailure(error, outcome, false, flow, when), clock.now());
  }
}
