import { Feed } from '../../../../runtime/operate/dashboard/feed.js';
import { Journal } from '../../../../runtime/operate/dashboard/journal.js';
import { Selection } from '../../../../runtime/operate/dashboard/selection.js';
import { Traffic } from '../../../../runtime/operate/dashboard/traffic.js';
import type { CircuitBreaker } from '../../../../runtime/policies/circuit-breaker/breaker.js';
import { BreakerRegistry } from '../../../../runtime/policies/circuit-breaker/registry.js';
import { FakeClock } from '../../../../runtime/testing/fake-clock.js';
import { StreamReader } from './stream.js';

/** A feed on a clock that stands still. */
export class FeedSetup {
  readonly clock = new FakeClock();
  readonly registry = new BreakerRegistry({ clock: this.clock });
  readonly journal = new Journal(this.registry);
  readonly traffic: Traffic;
  readonly feed: Feed;

  constructor({ maxConnections = 20, maxCircuits = 1_000 } = {}) {
    const { registry, journal, clock } = this;
    const selection = new Selection(registry, clock, maxCircuits);
    this.traffic = new Traffic(selection, clock);
    this.feed = new Feed({ selection, journal, traffic: this.traffic, clock, instance: 'test', maxConnections });
  }

  /** Opens after 3 failures, probes after a minute, closes after 3 probes. */
  circuit(name: string): CircuitBreaker {
    return this.registry.obtain(name, name, { failureThreshold: 3, recoveryTimeoutMs: 60_000 });
  }

  connect(signal = new AbortController().signal): StreamReader {
    const stream = this.feed.connect(signal);
    if (stream === undefined) throw new Error('the feed took no connection');
    return new StreamReader(stream);
  }

  trip(circuit: CircuitBreaker): void {
    for (let n = 0; n < 3; n++) circuit.exit(circuit.enter(this.clock.now()), 'failure', this.clock.now(), 5);
  }

  succeed(circuit: CircuitBreaker, times: number): void {
    for (let n = 0; n < times; n++) circuit.exit(circuit.enter(this.clock.now()), 'success', this.clock.now(), 5);
  }
}
