import {
  type BreakerInput,
  BreakerRegistry,
  type CircuitBreaker,
  type FuselineEvent,
  type ThresholdEvent,
} from '../../../../runtime/index.js';
import { type AdaptiveController, type AdaptiveOptions, adaptThresholds } from '../../../../runtime/operate/adaptive/index.js';
import { FakeClock } from '../../../../runtime/testing/fake-clock.js';

export const INTERVAL_MS = 60_000;

/** A circuit under a controller that looks every minute. */
export class Observed {
  readonly clock = new FakeClock();
  readonly registry = new BreakerRegistry({ clock: this.clock });
  readonly breaker: CircuitBreaker;
  readonly controller: AdaptiveController;
  readonly events: FuselineEvent[] = [];

  constructor(options: AdaptiveOptions, circuit: BreakerInput = {}) {
    this.breaker = this.registry.obtain('crm', 'crm', { recoveryTimeoutMs: 1_000, successThreshold: 1, ...circuit });
    this.registry.subscribe((event) => this.events.push(event));
    this.controller = adaptThresholds(this.registry, { intervalMs: INTERVAL_MS, clock: this.clock, ...options });
  }

  /** Thresholds as they were told, such as `failureThreshold 5 -> 6 false_opens`. */
  get told(): readonly string[] {
    return this.thresholdEvents.map(({ type, setting, oldValue, newValue, reason }) => {
      const verb = type === 'threshold_proposed' ? '?' : '->';
      return `${setting} ${oldValue} ${verb} ${newValue} ${reason}`;
    });
  }

  get thresholdEvents(): readonly ThresholdEvent[] {
    return this.events.filter((event): event is ThresholdEvent => 'setting' in event);
  }

  /** Calls one after another; every `failEvery`th fails. */
  calls(count: number, failEvery = Number.POSITIVE_INFINITY, durationMs = 0): this {
    for (let at = 1; at <= count; at++) this.call(at % failEvery === 0 ? 'failure' : 'success', durationMs);
    return this;
  }

  call(outcome: 'success' | 'failure', durationMs = 0): void {
    const permit = this.breaker.enter(this.clock.now());
    if (permit === 0) throw new Error('the circuit refused a call');
    this.breaker.exit(permit, outcome, this.clock.now(), durationMs);
  }

  /** Opens by failures in a row; then as many probes fail as said, and one succeeds. */
  outage(failedProbes = 0): this {
    while (this.breaker.state === 'closed') this.call('failure');
    for (let at = 0; at <= failedProbes; at++) {
      this.clock.jump(this.breaker.retryAfterMs());
      this.call(at === failedProbes ? 'success' : 'failure');
    }
    return this;
  }

  /** Until the next look. */
  async look(times = 1): Promise<this> {
    for (let at = 0; at < times; at++) await this.clock.advance(INTERVAL_MS);
    return this;
  }
}
