import { BreakerRegistry, type CircuitBreaker, type Clock } from 'fuseline';
import { adaptThresholds } from 'fuseline/adaptive';
import { type Alert, type AlertChannel, type AlertConfig, DeliveryError, startAlerts } from 'fuseline/alerts';
import { watchBreakers } from 'fuseline/config';
import { dashboard } from 'fuseline/dashboard';
import { healthHandler } from 'fuseline/health';
import { logEvents } from 'fuseline/logging';
import { HealthMonitor } from 'fuseline/monitor';
import { getCircuitBreaker } from 'fuseline/protect';
import { redisStore, type SharedStateStore, shareState } from 'fuseline/shared-state';
import { FakeClock } from 'fuseline/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../runtime/clock.js';
import { errorOf } from '../support/client.js';
import { tenant } from './tenants.js';

let registry: BreakerRegistry;
/** What ran, and the tenant in whose context it did. */
let entries: { readonly what: string; readonly found: string | undefined }[];

beforeEach(() => {
  registry = new BreakerRegistry();
  entries = [];
});

function note(what: string): void {
  entries.push({ what, found: tenant.getStore() });
}

/** The machine's clock, which notes in whose context timers are set. */
const clock: Clock = {
  ...systemClock,
  setTimeout(callback, delayMs) {
    note('timer');
    return systemClock.setTimeout(callback, delayMs);
  },
};

const circuit = (name = 'rates'): CircuitBreaker => getCircuitBreaker(name, { registry, failureThreshold: 1 });

/** A call of `ana` that opens the circuit. */
const opens = (name = 'rates'): Promise<unknown> =>
  tenant.run('ana', () => errorOf(circuit(name).call(() => Promise.reject(new Error('down')))));

/** Waits in nobody's context until something of that kind was noted so often. */
async function noted(what: string, times = 1): Promise<void> {
  while (entries.filter((entry) => entry.what === what).length < times) await new Promise((resolve) => setTimeout(resolve, 1));
}

const inOps = <T>(work: () => T): T => tenant.run('ops', work);
const contextsOf = (what: string): ReadonlySet<string | undefined> =>
  new Set(entries.filter((entry) => entry.what === what).map(({ found }) => found));

function expectAllInOps(...kinds: readonly string[]): void {
  expect(entries.filter(({ found }) => found !== 'ops')).toEqual([]);
  for (const kind of kinds) expect(contextsOf(kind)).toEqual(new Set(['ops']));
}

describe('what goes on beside calls runs in the context in which it was started', () => {
  const channel = (name: string): AlertChannel => ({
    name,
    open: () => {
      note('open');
      return {
        send: async (alert: Alert) => {
          note(`send ${alert.rule}`);
          await new Promise((resolve) => setImmediate(resolve));
          note('send, later');
          throw new DeliveryError('refused', { retryable: alert.rule === 'circuit_half_open' });
        },
        close: () => note('close'),
      };
    },
  });
  const config = (name: string): AlertConfig => ({
    alerts: () => {
      note(`config ${name}`);
      return undefined;
    },
  });

  test('alerts: channels, their errors and their timers, even after another tenant has changed the configuration', async () => {
    const alerts = inOps(() =>
      startAlerts({
        registry,
        clock,
        channels: [channel('sms')],
        config: config('first'),
        cooldownMs: 0,
        groupBy: 'circuit',
        random: () => {
          note('random');
          return 0.5;
        },
        onChannelError: () => note('onChannelError'),
        env: {},
      }),
    );
    await opens();
    await noted('onChannelError');
    tenant.run('bob', () => alerts.reconfigure(config('second')));
    await opens('quotes');
    await noted('onChannelError', 2);
    tenant.run('bob', () => circuit().reset());
    await noted('send circuit_recovered');
    await tenant.run('bob', () => alerts.close());
    expectAllInOps(
      'open',
      'send circuit_open',
      'send, later',
      'send circuit_recovered',
      'close',
      'onChannelError',
      'random',
      'config second',
      'timer',
    );
  });

  test('shared state: exchanges and timers, even after another tenant has asked for an exchange', async () => {
    const store: SharedStateStore = {
      exchange: async () => {
        note('exchange');
        return [];
      },
    };
    const shared = inOps(() => shareState({ store, registry, everyMs: 5, clock }));
    await opens();
    await tenant.run('bob', () => shared.sync());
    await noted('exchange', 4);
    tenant.run('bob', () => shared.stop());
    expectAllInOps('exchange', 'timer');
  });

  test('shared state: the command of a Redis store', async () => {
    const command = async (): Promise<unknown> => {
      note('command');
      return [];
    };
    const shared = inOps(() => shareState({ store: redisStore({ command }), registry, everyMs: 5 }));
    await tenant.run('bob', () => shared.sync());
    await noted('command', 3);
    shared.stop();
    expectAllInOps('command');
  });

  test('a monitor: checks on the interval, and what they find; a check that is asked for belongs to its caller', async () => {
    let well = true;
    const monitor = new HealthMonitor({
      clock,
      intervalMs: 5,
      checks: {
        rates: async () => {
          note('check');
          await new Promise((resolve) => setImmediate(resolve));
          return well;
        },
      },
      onChange: () => note('onChange'),
    });
    inOps(() => monitor.start());
    await noted('onChange');
    well = false;
    await noted('onChange', 2);
    tenant.run('bob', () => monitor.stop());
    expectAllInOps('check', 'onChange', 'timer');
    entries = [];
    well = true;
    expect(await tenant.run('bob', () => monitor.check('rates'))).toBe(true);
    expect(contextsOf('check')).toEqual(new Set(['bob']));
    expect(contextsOf('onChange')).toEqual(new Set(['bob']));
  });

  test('what is under way when another tenant ends the work: a check, a message and an exchange hear of it in their own context', async () => {
    const hangs = (what: string, signal: AbortSignal): Promise<never> => {
      note(what);
      signal.addEventListener('abort', () => note(`${what} aborted`));
      return new Promise(() => undefined);
    };
    const monitor = inOps(() => new HealthMonitor({ clock, checks: { rates: ({ signal }) => hangs('check', signal) } }).start());
    const sms: AlertChannel = { name: 'sms', open: () => ({ send: (_, { signal }) => hangs('send', signal) }) };
    const alerts = inOps(() => startAlerts({ registry, clock, channels: [sms], env: {} }));
    const store: SharedStateStore = { exchange: (_instance, _report, _leaseMs, signal) => hangs('exchange', signal) };
    const shared = inOps(() => shareState({ store, registry, everyMs: 5, clock }));
    await opens();
    for (const what of ['check', 'send', 'exchange']) await noted(what);
    tenant.run('bob', () => {
      monitor.stop();
      alerts[Symbol.dispose]();
      shared.stop();
    });
    expectAllInOps('check aborted', 'send aborted', 'exchange aborted');
  });

  test('a check that ends at its limit hears of it in its own context, whatever the clock does', async () => {
    const fake = new FakeClock();
    const monitor = new HealthMonitor({
      clock: fake,
      timeoutMs: 100,
      checks: {
        rates: ({ signal }) => {
          signal.addEventListener('abort', () => note('aborted'));
          return new Promise(() => undefined);
        },
      },
    });
    inOps(() => monitor.start());
    await tenant.run('bob', () => fake.advance(100));
    monitor.stop();
    expectAllInOps('aborted');
  });

  test('adaptive thresholds: timers', async () => {
    const adaptive = inOps(() => adaptThresholds(registry, { clock, intervalMs: 2, failureThreshold: { min: 1, max: 5 } }));
    await opens();
    await noted('timer', 3);
    adaptive.stop();
    expectAllInOps('timer');
  });

  test('a dashboard: timers, although pages connect in the contexts of their requests', async () => {
    const page = inOps(() => dashboard({ registry, clock }));
    const health = healthHandler({ token: false, routes: page });
    const aborter = new AbortController();
    const response = await tenant.run('a request', () =>
      health(new Request('http://localhost/dashboard/events', { signal: aborter.signal })),
    );
    await opens();
    await noted('timer', 3);
    aborter.abort();
    await response.body?.cancel().catch(() => undefined);
    page[Symbol.dispose]();
    expectAllInOps('timer');
  });

  test('a watched file: reading it, what it says, and timers', async () => {
    let text = 'circuit_breaker: { services: { ghl: { failure_threshold: 3 } } }';
    let changed: (() => void) | undefined;
    const watcher = inOps(() =>
      watchBreakers({
        file: 'breakers.yaml',
        registry,
        clock,
        settleMs: 1,
        pollMs: 5,
        source: {
          read: async () => {
            note('read');
            return Buffer.from(text);
          },
          watch: (listener) => {
            note('watch');
            changed = listener;
            return { close: () => note('close') };
          },
        },
        onReload: () => note('onReload'),
        onError: () => note('onError'),
      }),
    );
    await watcher.ready;
    text = 'circuit_breaker: { services: { ghl: { failure_threshold: 4 } } }';
    await tenant.run('bob', () => watcher.check());
    text = 'circuit_breaker: nonsense';
    tenant.run('bob', () => changed?.());
    await noted('onError');
    tenant.run('bob', () => watcher.close());
    expect(entries.at(-1)).toEqual({ what: 'close', found: 'ops' });
    expectAllInOps('read', 'watch', 'onReload', 'onError', 'timer');
  });
});

test('listeners of what goes on beside calls do not make calls take their context', async () => {
  const subscription = registry.subscribe(() => undefined);
  expect(registry.events.joinsCalls).toBe(true);
  subscription.unsubscribe();
  const store: SharedStateStore = { exchange: async () => [] };
  const alerts = startAlerts({ registry, channels: [{ name: 'sms', open: () => ({ send: async () => undefined }) }], env: {} });
  const adaptive = adaptThresholds(registry, { failureThreshold: { min: 1, max: 5 } });
  const shared = shareState({ registry, store });
  const page = dashboard({ registry });
  expect(registry.events.joinsCalls).toBe(false);
  expect(registry.events.silent).toBe(false);
  await alerts.close();
  adaptive.stop();
  shared.stop();
  page[Symbol.dispose]();
  expect(registry.events.silent).toBe(true);
});

describe('what belongs to a request or a call runs in its context', () => {
  test('health: metrics, routes, a monitor, and what is told of actions and errors', async () => {
    circuit();
    const health = inOps(() =>
      healthHandler({
        registry,
        token: false,
        adminToken: 'an-admin-token-of-tests',
        metrics: () => {
          note('metrics');
          return { contentType: 'text/plain', body: '' };
        },
        monitor: {
          status: () => {
            note('monitor');
            return { status: 'unknown', allHealthy: false, monitoring: false, services: {} };
          },
        },
        routes: [
          {
            method: 'GET',
            path: '/broken',
            permission: 'none',
            handle: async () => {
              note('route');
              throw new Error('broken');
            },
          },
        ],
        onAction: () => note('onAction'),
        onError: () => note('onError'),
      }),
    );
    const ask = (path: string, init: RequestInit = {}): Promise<Response> =>
      tenant.run(path, () =>
        health(new Request(`http://localhost${path}`, { headers: { authorization: 'Bearer an-admin-token-of-tests' }, ...init })),
      );
    const reset = '/circuit-breakers/rates/reset';
    const answers = await Promise.all([ask('/metrics'), ask('/health/dependencies'), ask('/broken'), ask(reset, { method: 'POST' })]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 500, 200]);
    expect(new Set(entries.map(({ what, found }) => `${what} in ${found}`))).toEqual(
      new Set(['metrics in /metrics', 'monitor in /health/dependencies', 'route in /broken', 'onError in /broken', `onAction in ${reset}`]),
    );
  });

  test('a logger: in the context of the call that caused the event', async () => {
    const log = (): void => note('log');
    using _ = inOps(() => logEvents(registry, { debug: log, info: log, warn: log, error: log }));
    await opens();
    expect(entries.length).toBeGreaterThan(1);
    expect(contextsOf('log')).toEqual(new Set(['ana']));
  });
});
