import type { WindowSnapshot } from '../../observe/circuit-words.js';
import type { BreakerOptions } from './options.js';
import { RampGate } from './recovery/ramp.js';
import type { BreakerState, OpenReason, Outcome } from './state.js';
import { REFUSED } from './transition.js';
import { HealthWindow, type Numbered } from './window/health.js';
import { sameCalls } from './window/options.js';

/** The sliding window and the ramp of a closed circuit. Each exists only if the options contain it. */
export class ClosedGuard {
  readonly #health: HealthWindow | null;
  readonly #gate: RampGate | null;

  constructor(health: HealthWindow | null, gate: RampGate | null) {
    this.#health = health;
    this.#gate = gate;
  }

  /** Returns the guard for other options; null if they contain neither window nor ramp. Keeps the gate, and the window if it holds the same calls. */
  static refitted(guard: ClosedGuard | null, previous: BreakerOptions | undefined, options: BreakerOptions): ClosedGuard | null {
    const { slidingWindow, failureThreshold, ramp } = options;
    const before = guard ?? NOTHING;
    let health = before.#health;
    if (health !== null && sameCalls(previous?.slidingWindow, slidingWindow)) health.retune(options);
    else health = slidingWindow === undefined ? null : new HealthWindow(slidingWindow, failureThreshold);
    const gate = ramp === undefined ? null : (before.#gate ?? new RampGate());
    // Stryker disable next-line ConditionalExpression,LogicalOperator: an empty guard changes nothing; this saves asking it.
    return health === null && gate === null ? null : new ClosedGuard(health, gate);
  }

  /** Returns the reason why the circuit must open because of hanging calls, or undefined. */
  hanging(now: number): OpenReason | undefined {
    return this.#health?.hangs(now) ? this.#health.verdict(now) : undefined;
  }

  /** Returns false if the ramp refuses the next call. `share` is the share of calls that it admits. */
  admits(share: number): boolean {
    return this.#gate === null || this.#gate.admits(share);
  }

  /** Counts a call that starts with the permit of its period. Returns the permit to use for the call. */
  enter(permit: number, now: number): number {
    return this.#health === null ? permit : this.#health.enter(now);
  }

  /** Records a call that ended; see `HealthWindow.exit`. */
  exit(permit: number, outcome: Outcome, durationMs: number, now: number, caller?: Numbered): OpenReason | undefined {
    return this.#health?.exit(permit, outcome, durationMs, now, caller);
  }

  /** Starts over for the period of `state`. Calls of an earlier period are not counted in it. */
  clear(state: BreakerState, now: number): void {
    this.#health?.clear(isMeasured(state) ? state.epoch : REFUSED, now);
    this.#gate?.reset();
  }

  window(now: number): WindowSnapshot | undefined {
    return this.#health?.snapshot(now);
  }
}

const NOTHING = new ClosedGuard(null, null);

/** Returns true if calls of this state go through the window. */
export function isMeasured({ kind }: BreakerState): boolean {
  return kind === 'closed' || kind === 'metrics_only';
}
