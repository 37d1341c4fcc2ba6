import { beforeEach, describe, expect, test } from 'vitest';
import { type Recommendation, recommendations } from '../../../../runtime/operate/health/recommendations.js';
import { BreakerRegistry } from '../../../../runtime/policies/circuit-breaker/registry.js';
import { FakeClock } from '../../../../runtime/testing/fake-clock.js';

let clock: FakeClock;
let registry: BreakerRegistry;

beforeEach(() => {
  clock = new FakeClock();
  registry = new BreakerRegistry({ clock });
});

const circuit = (name: string, enabled = true) =>
  registry.obtain(name, name, { failureThreshold: 3, successThreshold: 2, recoveryTimeoutMs: 60_000, enabled });
const advice = (): readonly Recommendation[] =>
  recommendations(
    registry.list().map((one) => ({ circuit: one, snapshot: one.snapshot(), outage: undefined })),
    clock.wallNow(),
  );

function record(name: string, outcome: 'success' | 'failure', times: number, timedOut = false): void {
  for (let at = 0; at < times; at++) circuit(name).exit(circuit(name).enter(clock.now()), outcome, clock.now(), 5, timedOut);
}

describe('recommendations', () => {
  test('open: critical, since when, and when it probes', () => {
    circuit('retell');
    record('ghl', 'failure', 3);
    clock.jump(20_000);
    expect(advice()).toEqual([
      {
        service: 'ghl',
        severity: 'critical',
        message: 'Circuit breaker is OPEN, for 20 s',
        action: 'Check the status of the service. The next probe can go out in 40 s',
      },
    ]);
  });

  test('half-open: info, and how far it is', () => {
    record('ghl', 'failure', 3);
    clock.jump(60_000);
    record('ghl', 'success', 1);
    expect(advice()).toEqual([
      { service: 'ghl', severity: 'info', message: 'Circuit breaker is HALF_OPEN: 1 of 2 probes succeeded', action: 'Wait for recovery' },
    ]);
  });

  test('all open: that comes first', () => {
    record('ghl', 'failure', 3);
    record('retell', 'failure', 3);
    expect(advice().map(({ service, severity }) => [service, severity])).toEqual([
      ['all', 'critical'],
      ['ghl', 'critical'],
      ['retell', 'critical'],
    ]);
    expect(advice()[0]?.action).toContain('Investigate service outages');
  });

  test.each([
    ['forceOpen', 'forced this circuit OPEN, 90 min ago'],
    ['forceClosed', 'forced this circuit CLOSED'],
    ['metricsOnly', 'only measure'],
  ] as const)('%s: a warning until it is reset', (force, message) => {
    circuit('retell');
    circuit('ghl')[force]();
    clock.jump(90 * 60_000);
    expect(advice()).toEqual([
      { service: 'ghl', severity: 'warning', message: expect.stringContaining(message), action: expect.stringMatching(/^Reset it/) },
    ]);
    circuit('ghl').reset();
    expect(advice()[0]?.message).toBe('All circuit breakers are healthy');
  });

  test('switched off: info', () => {
    circuit('ghl', false);
    expect(advice()).toMatchObject([{ service: 'ghl', severity: 'info', message: 'Circuit breaker is off and protects no call' }]);
  });

  test('a circuit that follows an open one names it', () => {
    registry.follow('billing', ['auth']);
    circuit('billing');
    record('auth', 'failure', 3);
    expect(advice()).toMatchObject([
      { service: 'auth', severity: 'critical' },
      { service: 'billing', severity: 'warning', message: 'Calls are refused because auth is OPEN' },
    ]);
  });

  test('a low success rate: a warning, from 20 verdicts on', () => {
    for (let round = 0; round < 2; round++) {
      record('ghl', 'success', 7);
      record('ghl', 'failure', 2);
    }
    record('ghl', 'success', 1);
    expect(advice()[0]?.message).toBe('All circuit breakers are healthy');
    record('ghl', 'success', 1);
    expect(advice()).toMatchObject([{ severity: 'warning', message: 'Success rate is 80.0 %, below 95 %' }]);
    record('ghl', 'success', 60);
    expect(advice()[0]?.message).toBe('All circuit breakers are healthy');
  });

  test('mostly timeouts, or openings of a service that mostly works: what to set', () => {
    for (let round = 0; round < 3; round++) {
      record('ghl', 'failure', 3, true);
      clock.jump(60_000);
      record('ghl', 'success', 100);
    }
    expect(advice()).toEqual([
      {
        service: 'ghl',
        severity: 'info',
        message: 'Most failures are timeouts: 9 of 9',
        action: expect.stringContaining('timeout_seconds'),
      },
      {
        service: 'ghl',
        severity: 'info',
        message: 'Circuit breaker opened 3 times although 97.1 % of the calls succeeded',
        action: expect.stringContaining('failure_threshold'),
      },
    ]);
  });

  test('the worst comes first, whatever the order of the circuits', () => {
    circuit('a').forceClosed();
    circuit('b', false);
    record('c', 'failure', 3);
    expect(advice().map(({ service, severity }) => [service, severity])).toEqual([
      ['c', 'critical'],
      ['a', 'warning'],
      ['b', 'info'],
    ]);
  });
});
