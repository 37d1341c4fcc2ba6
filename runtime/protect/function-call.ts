import type { Clock } from '../clock.js';
import type { ErrorPlace } from '../errors/base.js';
import { type AbortFollower, type AbortHub, follow } from '../policies/abort-hub.js';
import { REFUSED } from '../policies/circuit-breaker/breaker.js';
import { nextCallNumber } from '../policies/circuit-breaker/calls.js';
import type { AnsweredFlow } from '../policies/fallback/answering.js';
import type { Entrance, Flow, FlowSettings } from '../policies/stage.js';
import { timeUp } from '../policies/time-up.js';
import { DeadlineNode, startDeadline } from '../policies/timeout/deadline.js';
import { captureScope, type UserScope } from '../user-code.js';
import { Run, type Settle } from './run.js';
import type { FunctionFlow, RunFunction } from './run-function.js';
import { endOfTime } from './time-of-call.js';

/** The state that all calls of one function share. */
export interface FunctionPlan {
  readonly chain: Entrance<FunctionCall>;
  readonly innermost: RunFunction<FunctionCall>;
  readonly settings: FlowSettings;
  readonly clock: Clock;
  readonly place: ErrorPlace;
  /** Name of the operation in events, and for fallback functions. */
  readonly operation: string;
  /** Limit of the whole call, in milliseconds; undefined if there is none. */
  readonly totalTimeoutMs: number | undefined;
  /** True for a function that is a part of another call, such as a tier. */
  readonly isPart: boolean;
}

/** A call of a protected function that has retries, a total deadline or a fallback. It settles once. */
export class FunctionCall extends DeadlineNode implements FunctionFlow, AnsweredFlow, AbortFollower {
  /** The asynchronous context in which the call was made. Every run of the function uses it. */
  readonly user: UserScope = captureScope();
  override expiresAt = Number.POSITIVE_INFINITY;
  attempts = 0;
  repeats = 0;
  phase: Flow['phase'] = 'preparing';
  // No link of this chain sets it. If the run and the call time out at the same moment, the caller gets the timeout of the call.
  waiting: DeadlineNode | undefined = undefined;
  permit = REFUSED;
  permitAt = 0;
  retry: Flow['retry'] = undefined;
  onWire = 0;
  run: Run | undefined = undefined;
  over = false;
  hub: AbortHub | undefined = undefined;
  previousFollower: AbortFollower | undefined = undefined;
  nextFollower: AbortFollower | undefined = undefined;
  #callNumber = 0;

  constructor(
    readonly plan: FunctionPlan,
    readonly args: readonly unknown[],
    /** The arguments of fallback functions. */
    readonly params: readonly unknown[],
    readonly caller: AbortSignal | undefined,
    readonly resolve: Settle,
    readonly reject: Settle,
  ) {
    super();
  }

  get settings(): FlowSettings {
    return this.plan.settings;
  }

  get operation(): string {
    return this.plan.operation;
  }

  get signal(): AbortSignal | undefined {
    return this.caller;
  }

  get until(): number {
    return this.expiresAt;
  }

  /** Drawn when a run fails: most calls need none. */
  get callNumber(): number {
    if (this.#callNumber === 0) this.#callNumber = nextCallNumber();
    return this.#callNumber;
  }

  get hears(): boolean {
    return false;
  }

  hear(): void {}

  start(): void {
    const { caller } = this;
    if (caller?.aborted === true) {
      this.reject(caller.reason);
      return;
    }
    const { clock, totalTimeoutMs, chain } = this.plan;
    const now = clock.now();
    // First, because it throws for a signal that cannot be followed. The executor of the promise turns that into a rejection.
    if (caller !== undefined) follow(caller, this);
    if (totalTimeoutMs !== undefined) startDeadline(clock, this, totalTimeoutMs, now, true, true);
    chain.enter(this, now);
  }

  nextRun(): Run {
    this.attempts++;
    this.phase = 'waiting';
    this.run = new RepeatedRun(this);
    return this.run;
  }

  /** Functions keep no last good response. `protect` refuses a `lastGood()` fallback. */
  keptAnswer(): undefined {
    return undefined;
  }

  /** Called when the total deadline has passed. */
  override onDeadline(now: number): void {
    const { chain, place, totalTimeoutMs = 0 } = this.plan;
    if (!this.over) timeUp(this, chain, place, totalTimeoutMs, now);
  }

  expire(now: number): void {
    this.disarm();
    this.onDeadline(now);
  }

  onCallerAbort(reason: unknown): void {
    this.#settle();
    const { chain, clock, isPart } = this.plan;
    chain.leave(this, clock.now(), isPart ? endOfTime(reason) : undefined);
    this.reject(reason);
  }

  answered(value: unknown): void {
    this.finish(value);
  }

  finish(value: unknown): void {
    if (this.over) return;
    this.#settle();
    this.resolve(value);
  }

  fail(error: unknown): void {
    if (this.over) return;
    this.#settle();
    this.reject(error);
  }

  unfollow(): void {
    this.hub?.remove(this);
  }

  #settle(): void {
    this.over = true;
    this.disarm();
    this.unfollow();
  }
}

/** One run of a call that can run the function several times. */
class RepeatedRun extends Run {
  constructor(readonly call: FunctionCall) {
    super();
  }

  override onDeadline(now: number): void {
    this.call.plan.innermost.timeUp(this.call, this, now);
  }

  override returned(value: unknown): void {
    this.call.plan.innermost.returned(this.call, this, value);
  }

  override threw(error: unknown): void {
    this.call.plan.innermost.threw(this.call, this, error);
  }
}
