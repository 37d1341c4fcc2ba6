import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HealthMonitor, type HealthMonitorOptions } from '../../../../runtime/operate/monitor/index.js';
import { FakeClock } from '../../../../runtime/testing/fake-clock.js';
import { Work } from '../../../support/watch.js';
import { Circuit } from '../../policies/circuit-breaker/circuit.js';

let clock: FakeClock;
let work: Work<{ readonly signal: AbortSignal }>;
const unhandled: unknown[] = [];
const remember = (error: unknown): void => void unhandled.push(error);

beforeEach(() => {
  clock = new FakeClock();
  work = new Work();
  unhandled.length = 0;
  process.on('unhandledRejection', remember);
});

afterEach(async () => {
  await clock.advance(0);
  process.off('unhandledRejection', remember);
  expect(unhandled).toEqual([]);
});

const monitor = (options: Partial<HealthMonitorOptions> = {}): HealthMonitor =>
  new HealthMonitor({ checks: { ghl: work.fn }, intervalMs: 1_000, timeoutMs: 400, clock, env: {}, ...options });

describe('O9 HealthMonitor', () => {
  test('checks at once and then on the interval, until stopped', async () => {
    let runs = 0;
    const health = monitor({ checks: { ghl: () => ++runs } })
      .start()
      .start();
    await clock.advance(2_500);
    expect([runs, health.status().monitoring]).toEqual([3, true]);
    health.stop();
    await clock.advance(10_000);
    expect([runs, clock.pendingTimers, health.status().monitoring]).toEqual([3, 0, false]);
    expect(health.status().services['ghl']?.healthy, 'what is known stays').toBe(true);
  });

  test('status: unknown, all_healthy, degraded, all_unhealthy', async () => {
    const well = { ghl: true, retell: true };
    const health = monitor({ checks: { ghl: () => well.ghl, retell: async () => well.retell } });
    expect(health.status()).toMatchObject({ status: 'unknown', allHealthy: false });
    expect(await health.checkAll()).toMatchObject({ status: 'all_healthy', allHealthy: true });
    well.ghl = false;
    clock.jump(5);
    expect(await health.checkAll()).toMatchObject({ status: 'degraded', allHealthy: false });
    well.retell = false;
    expect((await health.checkAll()).status).toBe('all_unhealthy');
    expect(JSON.parse(JSON.stringify(health))).toMatchObject({
      status: 'all_unhealthy',
      all_healthy: false,
      services: { ghl: { healthy: false, consecutiveFailures: 2, cause: 'unhealthy', lastCheckedAt: '2026-01-01T00:00:00.005Z' } },
    });
    expect(await health.check('ghl')).toBe(false);
    await expect(health.check('none')).rejects.toThrow(/^service is "none", expected one of ghl, retell$/);
  });

  test('a slow check never overlaps itself, and holds up nobody else', async () => {
    let others = 0;
    monitor({ checks: { ghl: work.fn, retell: () => ++others }, timeoutMs: 5_000 }).start();
    await clock.advance(3_500);
    expect([work.runs.length, others]).toEqual([1, 4]);
    work.run().resolve(true);
    await clock.advance(500);
    expect(work.runs).toHaveLength(2);
  });

  test('A35 one that ignores its time limit is unhealthy, and is not asked again until it ends', async () => {
    const health = monitor().start();
    const { signal } = work.run().context;
    await clock.advance(400);
    expect(signal.reason).toMatchObject({ kind: 'timeout', timeoutMs: 400 });
    expect(health.status().services['ghl']).toMatchObject({ healthy: false, cause: 'timeout', durationMs: 400 });
    await clock.advance(2_000);
    expect(await health.check('ghl')).toBe(false);
    expect(work.runs).toHaveLength(1);
    work.run().reject(new Error('late'));
    await clock.advance(600);
    expect(work.runs).toHaveLength(2);
    work.run(1).resolve(undefined);
    await clock.advance(0);
    expect(health.status()).toMatchObject({ allHealthy: true, services: { ghl: { consecutiveFailures: 0, cause: null } } });
  });

  test('a check by hand joins the one that is running', async () => {
    const health = monitor();
    const both = Promise.all([health.check('ghl'), health.checkAll()]);
    expect(work.runs).toHaveLength(1);
    work.run().resolve('well');
    expect(await both).toMatchObject([true, { status: 'all_healthy' }]);
    expect(clock.pendingTimers).toBe(0);
  });

  test('A12 throws, sync and async: a cause, never a message', async () => {
    const secret = new Error('secret');
    const health = monitor({
      checks: {
        sync: () => {
          throw secret;
        },
        async: () => Promise.reject(secret),
        open: () => new Circuit({ name: 'x' }).trip().breaker.call(() => 1),
      },
    });
    await health.checkAll();
    const text = JSON.stringify(health);
    expect(Object.values(health.status().services).map(({ cause }) => cause)).toEqual(['error', 'error', 'circuit_open']);
    expect(text).not.toContain('secret');
  });

  test('stop aborts the running check and drops its result; start goes on when it has ended', async () => {
    const health = monitor().start();
    const pending = health.check('ghl');
    health.stop();
    expect(work.run().context.signal.aborted).toBe(true);
    expect(await pending).toBe(false);
    expect([health.status().services['ghl']?.healthy, clock.pendingTimers]).toEqual([null, 0]);
    health.start();
    expect(work.runs).toHaveLength(1);
    work.run().resolve(true);
    await clock.advance(1_000);
    expect([work.runs.length, health.status().services['ghl']?.healthy]).toEqual([2, null]);
  });

  test('`using` stops it; the status shows circuits beside the checks', async () => {
    const circuit = new Circuit({ clock }).trip();
    {
      using health = monitor({ checks: { ghl: () => true }, circuits: { ghl: circuit.breaker } }).start();
      await clock.advance(0);
      expect(health.status().services['ghl']).toMatchObject({ healthy: true, circuit: 'open' });
      expect(circuit.breaker.state, 'checks feed no circuit').toBe('open');
    }
    expect(clock.pendingTimers).toBe(0);
  });

  test('A40 onChange: first result, down, up; what it throws is dropped', async () => {
    const told: unknown[] = [];
    const answers = [true, true, false, false, true];
    const health = monitor({
      checks: { ghl: () => answers.shift() },
      onChange: async (service, { healthy }) => {
        told.push([service, healthy]);
        throw new Error('listener');
      },
    });
    while (answers.length > 0) await health.checkAll();
    expect(told).toEqual([
      ['ghl', true],
      ['ghl', false],
      ['ghl', true],
    ]);
  });

  test('A34 its timers do not keep the process alive', () => {
    let unrefs = 0;
    const handles = { now: () => 0, wallNow: () => 0, clearTimeout: () => undefined, setTimeout: () => ({ unref: () => ++unrefs }) };
    using _ = monitor({ clock: handles }).start();
    expect(unrefs).toBe(2);
  });
});

describe('settings', () => {
  test('S1 HEALTH_CHECK_INTERVAL, in seconds, weaker than the option; 30 s without either', () => {
    const checks = { ghl: () => true };
    const intervalOf = (options: object): number => new HealthMonitor({ checks, ...options }).intervalMs;
    expect(intervalOf({ env: { HEALTH_CHECK_INTERVAL: '12' } })).toBe(12_000);
    expect(intervalOf({ env: { HEALTH_CHECK_INTERVAL: '12' }, intervalMs: 5 })).toBe(5);
    expect(intervalOf({ env: { HEALTH_CHECK_INTERVAL: ' ' } })).toBe(30_000);
  });

  test.each<[object, RegExp]>([
    [{ checks: {} }, /^checks is an object, expected an object with a check per service$/],
    [{ checks: { ghl: 5 } }, /^checks\['ghl'\] is 5, expected a function$/],
    [{ intervalMs: 0 }, /^intervalMs is 0, expected milliseconds, more than 0 and at most 2147483647$/],
    [{ intervalMs: 2 ** 31 }, /^intervalMs is 2147483648/],
    [{ timeoutMs: Number.NaN }, /^timeoutMs is NaN/],
    [{ intervalMs: undefined, env: { HEALTH_CHECK_INTERVAL: 'soon' } }, /^HEALTH_CHECK_INTERVAL is "soon", expected seconds, more than 0/],
    [{ circuits: { none: {} } }, /^circuits\['none'\] is "none", expected a service that has a check$/],
    [{ circuits: { ghl: {} } }, /^circuits\['ghl'\] is an object, expected a CircuitBreaker$/],
    [{ onChange: 1 }, /^onChange is 1, expected a function$/],
  ])('%j', (options, message) => {
    expect(() => monitor(options as never)).toThrow(message);
  });
});
