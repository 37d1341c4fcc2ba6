import type { Clock } from '../clock.js';
import { type AbortFollower, type AbortHub, follow } from '../policies/abort-hub.js';
import { REFUSED } from '../policies/circuit-breaker/breaker.js';
import type { Entrance, Flow, FlowSettings } from '../policies/stage.js';
import type { UserScope } from '../user-code.js';
import { Run, type Settle } from './run.js';
import type { FunctionFlow, RunFunction } from './run-function.js';

/** What all calls of one function share. */
export interface PlainPlan {
  readonly chain: Entrance<PlainCall>;
  readonly innermost: RunFunction<PlainCall>;
  readonly settings: FlowSettings;
  readonly clock: Clock;
}

/**
 * A call of a function with circuit and run limit alone. It makes one run at most, and is that run: caller's promise, follower of the caller's
 * signal, node of the limit and the function's context in one object.
 */
export class PlainCall extends Run implements FunctionFlow, AbortFollower {
  attempts = 0;
  phase: Flow['phase'] = 'preparing';
  permit = REFUSED;
  permitAt = 0;
  over = false;
  hub: AbortHub | undefined = undefined;
  previousFollower: AbortFollower | undefined = undefined;
  nextFollower: AbortFollower | undefined = undefined;

  constructor(
    readonly plan: PlainPlan,
    readonly args: readonly unknown[],
    readonly caller: AbortSignal | undefined,
    readonly user: UserScope,
    readonly resolve: Settle,
    readonly reject: Settle,
  ) {
    super();
  }

  get settings(): FlowSettings {
    return this.plan.settings;
  }

  get until(): number {
    return Number.POSITIVE_INFINITY;
  }

  get run(): Run {
    return this;
  }

  get hears(): boolean {
    return false;
  }

  // Its chain has no link that writes these.
  get waiting(): undefined {
    return undefined;
  }

  get retry(): undefined {
    return undefined;
  }

  get onWire(): 0 {
    return 0;
  }

  hear(): void {}

  expire(): void {}

  nextRun(): Run {
    return this;
  }

  start(): void {
    const { caller } = this;
    if (caller !== undefined) {
      if (caller.aborted) {
        this.reject(caller.reason);
        return;
      }
      follow(caller, this);
    }
    this.plan.chain.enter(this, this.plan.clock.now());
  }

  override onDeadline(now: number): void {
    this.plan.innermost.timeUp(this, this, now);
  }

  onCallerAbort(reason: unknown): void {
    this.#settle();
    this.plan.chain.leave(this, this.plan.clock.now(), undefined);
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

  unfollow(): void {
    this.hub?.remove(this);
  }

  #settle(): void {
    this.over = true;
    this.unfollow();
  }
}
