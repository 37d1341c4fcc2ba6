import type { FuselineEvent } from '../../../../runtime/observe/events.js';
import { type BreakerSetup, CircuitBreaker, REFUSED } from '../../../../runtime/policies/circuit-breaker/breaker.js';
import { FakeClock } from '../../../../runtime/testing/fake-clock.js';

export const RECOVERY_MS = 1_000;

/** A circuit on a clock that stands still: opens after 3 failures, waits a second, closes after 2 probes, 2 at once. */
export class Circuit {
  readonly clock = new FakeClock();
  readonly events: FuselineEvent[] = [];
  readonly breaker: CircuitBreaker;

  constructor(setup: BreakerSetup = {}) {
    this.breaker = new CircuitBreaker({
      name: 'billing',
      failureThreshold: 3,
      successThreshold: 2,
      recoveryTimeoutMs: RECOVERY_MS,
      halfOpenMaxCalls: 2,
      clock: this.clock,
      ...setup,
    });
    this.breaker.subscribe((event) => this.events.push(event));
  }

  get types(): readonly string[] {
    return this.events.map((event) => event.type);
  }

  enter(leaseMs?: number): number {
    return this.breaker.enter(this.clock.now(), leaseMs);
  }

  /** As `enter`, where a refusal is a fault of the test. */
  permit(leaseMs?: number): number {
    const permit = this.enter(leaseMs);
    if (permit === REFUSED) throw new Error('the circuit refused a call');
    return permit;
  }

  exit(permit: number, outcome: 'success' | 'failure' | 'ignored' | 'released', durationMs = 0, timedOut = false): void {
    this.breaker.exit(permit, outcome, this.clock.now(), durationMs, timedOut);
  }

  fail(times = 1): void {
    for (let at = 0; at < times; at++) this.exit(this.permit(), 'failure');
  }

  succeed(times = 1): void {
    for (let at = 0; at < times; at++) this.exit(this.permit(), 'success');
  }

  /** Opens it by failures. */
  trip(): this {
    this.fail(this.breaker.options.failureThreshold);
    return this;
  }

  /** Opens it and waits until it may probe. */
  tripAndWait(): this {
    this.trip();
    this.clock.jump(RECOVERY_MS);
    return this;
  }
}
