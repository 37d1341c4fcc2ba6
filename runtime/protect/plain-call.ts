import type { Clock } from '../clock.js';
import { AbortFollower, follow } from '../policies/abort-hub.js';
import { REFUSED } from '../policies/circuit-breaker/breaker.js';
import type { Entrance, FlowSettings } from '../policies/stage.js';
import type { UserScope } from '../user-code.js';
import { Run, type Settle } from './run.js';
import type { FunctionFlow, RunFunction } from './run-function.js';
import { endOfTime } from './time-of-call.js';

/** The state that all calls of one function share. */
export interface PlainPlan {
  readonly chain: Entrance<PlainCall>;
  readonly innermost: RunFunction<PlainCall>;
  readonly settings: FlowSettings;
  readonly clock: Clock;
  /** True for a function that is a part of another call, such as a tier. */
  readonly isPart: boolean;
}

/**
 * A call of a function that has only a circuit and a limit per run. It makes at most one run, so one object is the call, the run, the list node of
 * the limit and the context that the function gets.
 */
export class PlainCall extends Run implements FunctionFlow {
  permit = REFUSED;
  permitAt = 0;
  over = false;
  /** Undefined if the caller gave no signal. */
  #follower: CallerFollower | undefined = undefined;

  constructor(
    readonly plan: PlainPlan,
    readonly args: readonly unknown[],
    /** The asynchronous context in which the call was made. */
    readonly user: UserScope,
    readonly resolve: Settle,
    readonly reject: Settle,
  ) {
    super();
  }

  get settings(): FlowSettings {
    return this.plan.settings;
  }

  get caller(): AbortSignal | undefined {
    return this.#follower?.signal;
  }

  get run(): Run {
    return this;
  }

  // The members below have the same value for every call that makes one run.
  get until(): number {
    return Number.POSITIVE_INFINITY;
  }

  get repeats(): number {
    return 0;
  }

  get attempts(): number {
    return 1;
  }

  get phase(): 'waiting' {
    return 'waiting';
  }

  get waiting(): undefined {
    return undefined;
  }

  get retry(): undefined {
    return undefined;
  }

  get onWire(): number {
    return 0;
  }

  get hears(): boolean {
    return false;
  }

  hear(): void {}

  expire(): void {}

  nextRun(): Run {
    return this;
  }

  start(caller: AbortSignal | undefined): void {
    if (caller !== undefined) {
      try {
        if (caller.aborted) {
          this.reject(caller.reason);
          return;
        }
        this.#follower = new CallerFollower(this, caller);
        follow(caller, this.#follower);
      } catch (error) {
        // A signal that cannot be read or followed.
        this.reject(error);
        return;
      }
    }
    this.plan.chain.enter(this, this.plan.clock.now());
  }

  override onDeadline(now: number): void {
    this.plan.innermost.timeUp(this, this, now);
  }

  override returned(value: unknown): void {
    this.plan.innermost.returned(this, this, value);
  }

  override threw(error: unknown): void {
    this.plan.innermost.threw(this, this, error);
  }

  /** Called when the caller aborts. */
  left(reason: unknown): void {
    this.#settle();
    const { chain, clock, isPart } = this.plan;
    chain.leave(this, clock.now(), isPart ? endOfTime(reason) : undefined);
    this.reject(reason);
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

  #settle(): void {
    this.over = true;
    this.#follower?.unfollow();
  }
}

/** Follows the caller's signal. */
class CallerFollower extends AbortFollower {
  constructor(
    readonly call: PlainCall,
    readonly signal: AbortSignal,
  ) {
    super();
  }

  override onCallerAbort(reason: unknown): void {
    this.call.left(reason);
  }
}
