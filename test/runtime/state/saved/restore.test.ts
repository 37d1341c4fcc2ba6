import { describe, expect, it } from 'vitest';
import { type BreakerInput, BreakerRegistry, type CircuitBreaker } from '../../../../runtime/index.js';
import { restoreCircuit, restoreCircuits, saveCircuit, saveCircuits } from '../../../../runtime/state/saved/index.js';
import { FakeClock } from '../../../../runtime/testing/fake-clock.js';

const START = Date.UTC(2026, 0, 1);
const OPTIONS: BreakerInput = { failureThreshold: 3, successThreshold: 2, recoveryTimeoutMs: 60_000 };

/** A process: clocks and registry of its own. Its monotonic clock begins at 0, wherever that of the one before was. */
class Process {
  readonly clock: FakeClock;
  readonly registry: BreakerRegistry;

  constructor(wall = START) {
    this.clock = new FakeClock(wall);
    this.registry = new BreakerRegistry({ clock: this.clock });
  }

  circuit(options: BreakerInput = OPTIONS, name = 'ghl'): CircuitBreaker {
    return this.registry.obtain(name, name, options);
  }

  end(outcome: 'success' | 'failure', times = 1, circuit = this.circuit()): void {
    for (let at = 0; at < times; at++) circuit.exit(circuit.enter(this.clock.now()), outcome, this.clock.now());
  }

  save(): string {
    return JSON.stringify(saveCircuits(this.registry));
  }
}

/** One process after another: what the first has done, and how long the second comes after the saving. */
function inherited(
  act: (first: Process) => void,
  gapMs: number,
  options: BreakerInput = OPTIONS,
): { next: Process; circuit: CircuitBreaker } {
  const first = new Process();
  first.clock.jump(7_000_000);
  act(first);
  const next = new Process(first.clock.wallNow() + gapMs);
  const report = restoreCircuits(first.save(), next.registry);
  expect(report).toEqual({ restored: [], waiting: ['ghl'], kept: [], refused: [] });
  return { next, circuit: next.circuit(options) };
}

describe('A17 hydrate', () => {
  it('A17 an open circuit waits for what is left of its wait, and then probes and closes', () => {
    const { next, circuit } = inherited((first) => {
      first.end('failure', 3);
      first.clock.jump(15_000);
    }, 10_000);
    expect(circuit.snapshot()).toMatchObject({
      state: 'open',
      failureCount: 3,
      timeUntilRetryMs: 35_000,
      inStateMs: 25_000,
      downMs: 25_000,
    });
    next.clock.jump(34_999);
    expect(circuit.enter(next.clock.now())).toBe(0);
    next.clock.jump(1);
    expect(circuit.state).toBe('half_open');
    const closed: unknown[] = [];
    next.registry.on('circuit_closed', ({ downMs }) => closed.push(downMs));
    next.end('success', 2);
    expect(circuit.state).toBe('closed');
    expect(closed).toEqual([60_000]);
  });

  it('A17 a wait that is over meanwhile is over', () => {
    const { circuit } = inherited((first) => first.end('failure', 3), 3_600_000);
    expect(circuit.state).toBe('half_open');
  });

  it('A17 a circuit that was isolated stays so, and can be released', () => {
    const { next, circuit } = inherited((first) => first.circuit().forceOpen(), 86_400_000);
    expect(circuit.snapshot()).toMatchObject({ state: 'open', forced: 'open' });
    expect(circuit.retryAfterMs()).toBe(Number.POSITIVE_INFINITY);
    circuit.reset();
    expect(circuit.state).toBe('closed');
    next.end('failure', 2);
    expect(circuit.state).toBe('closed');
    next.end('failure');
    expect(circuit.state).toBe('open');
  });

  it.each([
    ['forced_closed', (circuit: CircuitBreaker) => circuit.forceClosed(), { state: 'closed', forced: 'closed' }],
    ['metrics_only', (circuit: CircuitBreaker) => circuit.metricsOnly(), { state: 'closed', forced: 'metrics_only' }],
  ])('A17 %s stays', (_, act, expected) => {
    const { circuit } = inherited((first) => act(first.circuit()), 5);
    expect(circuit.snapshot()).toMatchObject(expected);
  });

  it('A17 failures in a row count on', () => {
    const { next, circuit } = inherited((first) => first.end('failure', 2), 5);
    expect(circuit.failureCount).toBe(2);
    next.end('failure');
    expect(circuit.state).toBe('open');
  });

  it('A17 a half-open circuit goes on probing: with its successes, without the probes of a process that is gone', () => {
    const { next, circuit } = inherited((first) => {
      first.end('failure', 3);
      first.clock.jump(60_000);
      first.end('success');
      first.circuit().enter(first.clock.now());
      first.circuit().enter(first.clock.now());
    }, 5);
    expect(circuit.snapshot()).toMatchObject({ state: 'half_open', successCount: 1 });
    next.end('success');
    expect(circuit.state).toBe('closed');
  });

  it('A17 openings in a row are remembered, and so is a ramp', () => {
    const ramp = { durationMs: 10_000, initialShare: 1 };
    const options = { ...OPTIONS, reopenBackoff: { jitter: 0 }, ramp };
    const first = new Process();
    const former = first.circuit(options);
    for (let opening = 0; opening < 2; opening++) {
      first.clock.jump(1_000);
      first.end('failure', 3, former);
      first.clock.jump(former.retryAfterMs());
      first.end('success', 2, former);
    }
    first.clock.jump(4_000);
    const saved = saveCircuit(former);
    expect(saved).toMatchObject({ state: 'closed', openings: 2, flaps: 1, rampLeftMs: 6_000 });
    const next = new Process(first.clock.wallNow() + 1_000);
    const circuit = next.circuit({ ...options, ramp: { ...ramp, initialShare: 0.1 } });
    restoreCircuit(circuit, JSON.stringify(saved));
    expect(circuit.snapshot()).toMatchObject({ openingsInARow: 2, rampShare: 0.55 });
    next.clock.jump(5_000);
    expect(circuit.snapshot().rampShare).toBe(1);
    next.end('failure', 3, circuit);
    expect(circuit.snapshot()).toMatchObject({ state: 'open', openingsInARow: 3, timeUntilRetryMs: 240_000 });
  });

  it.each([
    ['a month back', -30 * 86_400_000, 60_000],
    ['an hour back', -3_600_000, 60_000],
    ['an hour on', 3_600_000, null],
  ])('A17 the wall clock was set %s meanwhile: no wait gets longer than it was', (_, step, left) => {
    const { circuit } = inherited((first) => first.end('failure', 3), step);
    expect(circuit.snapshot().timeUntilRetryMs).toBe(left);
  });

  it('A17 a wait is no longer than the options allow now', () => {
    const { circuit } = inherited((first) => first.end('failure', 3), 0, { ...OPTIONS, recoveryTimeoutMs: 5_000 });
    expect(circuit.retryAfterMs()).toBe(5_000);
  });

  it('A17 a circuit that is off by its options saves nothing, and stays off', () => {
    const first = new Process();
    first.circuit({ enabled: false });
    expect(saveCircuits(first.registry).circuits).toEqual([]);
    const { next, circuit } = inherited((process) => process.end('failure', 3), 5, { ...OPTIONS, enabled: false });
    expect(circuit.state).toBe('closed');
    expect(circuit.enter(next.clock.now())).not.toBe(0);
  });
});

describe('a registry', () => {
  it('saves what is not as new, and plain data alone', () => {
    const { registry, ...process } = new Process();
    const one = new Process();
    one.circuit(OPTIONS, 'quiet');
    one.end('success', 5, one.circuit(OPTIONS, 'busy'));
    one.end('failure', 1, one.circuit(OPTIONS, 'shaky'));
    expect(saveCircuits(one.registry)).toEqual({
      version: 1,
      circuits: [{ version: 1, name: 'shaky', savedAt: START, state: 'closed', ageMs: 0, failures: 1 }],
    });
    expect(registry.list()).toEqual([]);
    expect(process.clock.pendingTimers).toBe(0);
  });

  it('restores circuits that are there and as new, and keeps those that are in use', () => {
    const first = new Process();
    for (const name of ['a', 'b', 'c']) first.end('failure', 3, first.circuit(OPTIONS, name));
    const next = new Process(first.clock.wallNow());
    next.circuit(OPTIONS, 'a');
    next.circuit(OPTIONS, 'b').forceClosed();
    const report = restoreCircuits(saveCircuits(first.registry), next.registry);
    expect(report).toEqual({ restored: ['a'], waiting: ['c'], kept: ['b'], refused: [] });
    expect(next.registry.states()).toEqual({ a: 'open', b: 'closed' });
    next.circuit(OPTIONS, 'c');
    expect(next.registry.states()).toMatchObject({ c: 'open' });
  });

  it('waits for a circuit once, and not after clear', () => {
    const first = new Process();
    first.end('failure', 3);
    const next = new Process(first.clock.wallNow());
    restoreCircuits(first.save(), next.registry);
    next.registry.clear();
    restoreCircuits({ version: 1, circuits: [] }, next.registry);
    expect(next.circuit().state).toBe('closed');
    next.registry.clear();
    restoreCircuits(first.save(), next.registry);
    expect(next.circuit().state).toBe('open');
    expect(next.circuit({ ...OPTIONS, failureThreshold: 9 }).state).toBe('closed');
  });

  it('emits nothing: nothing changes', () => {
    const first = new Process();
    first.end('failure', 3);
    const next = new Process(first.clock.wallNow());
    next.circuit();
    const events: string[] = [];
    next.registry.subscribe(({ type }) => events.push(type));
    restoreCircuits(first.save(), next.registry);
    expect(next.registry.states()).toEqual({ ghl: 'open' });
    expect(events).toEqual([]);
  });
});
