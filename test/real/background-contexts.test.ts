import { adaptThresholds } from 'fuseline/adaptive';
import { type Alert, type AlertChannel, type AlertConfig, DeliveryError, startAlerts } from 'fuseline/alerts';
import { watchBreakers } from 'fuseline/config';
import { dashboard } from 'fuseline/dashboard';
import { healthHandler } from 'fuseline/health';
import { HealthMonitor } from 'fuseline/monitor';
import { redisStore, type SharedStateStore, shareState } from 'fuseline/shared-state';
import { FakeClock } from 'fuseline/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { inOps, Notes } from './notes.js';
import { tenant } from './tenants.js';

let notes: Notes;

beforeEach(() => {
  notes = new Notes();
});

describe('what goes on beside calls runs in the context in which it was started', () => {
  const channel = (name: string): AlertChannel => ({
    name,
    open: () => {
      notes.note('open');
      return {
        send: async (alert: Alert) => {
          notes.note(`send ${alert.rule}`);
          await new Promise((resolve) => setImmediate(resolve));
          notes.note('send, later');
          throw new DeliveryError('refused', { retryable: alert.rule === 'circuit_half_open' });
        },
        close: () => notes.note('close'),
      };
    },
  });
  const config = (name: string): AlertConfig => ({
    alerts: () => {
      notes.note(`config ${name}`);
      return undefined;
    },
  });

  test('alerts: channels, their errors and their timers, even after another tenant has changed the configuration', async () => {
    const alerts = inOps(() =>
      startAlerts({
        registry: notes.registry,
        clock: notes.clock,
        channels: [channel('sms')],
        config: config('first'),
        cooldownMs: 0,
        groupBy: 'circuit',
        random: () => {
          notes.note('random');
          return 0.5;
        },
        onChannelError: () => notes.note('onChannelError'),
        env: {},
      }),
    );
    await notes.opens();
    await notes.noted('onChannelError');
    tenant.run('bob', () => alerts.reconfigure(config('second')));
    await notes.opens('quotes');
    await notes.noted('onChannelError', 2);
    tenant.run('bob', () => notes.circuit().reset());
    await notes.noted('send circuit_recovered');
    await tenant.run('bob', () => alerts.close());
    notes.expectAllInOps(
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
        notes.note('exchange');
        return [];
      },
    };
    const shared = inOps(() => shareState({ store, registry: notes.registry, everyMs: 5, clock: notes.clock }));
    await notes.opens();
    await tenant.run('bob', () => shared.sync());
    await notes.noted('exchange', 4);
    tenant.run('bob', () => shared.stop());
    notes.expectAllInOps('exchange', 'timer');
  });

  test('shared state: the command of a Redis store', async () => {
    const command = async (): Promise<unknown> => {
      notes.note('command');
      return [];
    };
    const shared = inOps(() => shareState({ store: redisStore({ command }), registry: notes.registry, everyMs: 5 }));
    await tenant.run('bob', () => shared.sync());
    await notes.noted('command', 3);
    shared.stop();
    notes.expectAllInOps('command');
  });

  test('a monitor: checks on the interval, and what they find; a check that is asked for belongs to its caller', async () => {
    let well = true;
    const monitor = new HealthMonitor({
      clock: notes.clock,
      intervalMs: 5,
      checks: {
        rates: async () => {
          notes.note('check');
          await new Promise((resolve) => setImmediate(resolve));
          return well;
        },
      },
      onChange: () => notes.note('onChange'),
    });
    inOps(() => monitor.start());
    await notes.noted('onChange');
    well = false;
    await notes.noted('onChange', 2);
    tenant.run('bob', () => monitor.stop());
    notes.expectAllInOps('check', 'onChange', 'timer');
    notes.entries.length = 0;
    well = true;
    expect(await tenant.run('bob', () => monitor.check('rates'))).toBe(true);
    expect(notes.contextsOf('check')).toEqual(new Set(['bob']));
    expect(notes.contextsOf('onChange')).toEqual(new Set(['bob']));
  });

  test('what is under way when another tenant ends the work: a check, a message and an exchange hear of it in their own context', async () => {
    const hangs = (what: string, signal: AbortSignal): Promise<never> => {
      notes.note(what);
      signal.addEventListener('abort', () => notes.note(`${what} aborted`));
      return new Promise(() => undefined);
    };
    const monitor = inOps(() =>
      new HealthMonitor({ clock: notes.clock, checks: { rates: ({ signal }) => hangs('check', signal) } }).start(),
    );
    const sms: AlertChannel = { name: 'sms', open: () => ({ send: (_, { signal }) => hangs('send', signal) }) };
    const alerts = inOps(() => startAlerts({ registry: notes.registry, clock: notes.clock, channels: [sms], env: {} }));
    const store: SharedStateStore = { exchange: (_instance, _report, _leaseMs, signal) => hangs('exchange', signal) };
    const shared = inOps(() => shareState({ store, registry: notes.registry, everyMs: 5, clock: notes.clock }));
    await notes.opens();
    for (const what of ['check', 'send', 'exchange']) await notes.noted(what);
    tenant.run('bob', () => {
      monitor.stop();
      alerts[Symbol.dispose]();
      shared.stop();
    });
    notes.expectAllInOps('check aborted', 'send aborted', 'exchange aborted');
  });

  test('a check that ends at its limit hears of it in its own context, whatever the clock does', async () => {
    const fake = new FakeClock();
    const monitor = new HealthMonitor({
      clock: fake,
      timeoutMs: 100,
      checks: {
        rates: ({ signal }) => {
          signal.addEventListener('abort', () => notes.note('aborted'));
          return new Promise(() => undefined);
        },
      },
    });
    inOps(() => monitor.start());
    await tenant.run('bob', () => fake.advance(100));
    monitor.stop();
    notes.expectAllInOps('aborted');
  });

  test('adaptive thresholds: timers', async () => {
    const adaptive = inOps(() =>
      adaptThresholds(notes.registry, { clock: notes.clock, intervalMs: 2, failureThreshold: { min: 1, max: 5 } }),
    );
    await notes.opens();
    await notes.noted('timer', 3);
    adaptive.stop();
    notes.expectAllInOps('timer');
  });

  test('a dashboard: timers, although pages connect in the contexts of their requests', async () => {
    const page = inOps(() => dashboard({ registry: notes.registry, clock: notes.clock }));
    const health = healthHandler({ token: false, routes: page });
    const aborter = new AbortController();
    const response = await tenant.run('a request', () =>
      health(new Request('http://localhost/dashboard/events', { signal: aborter.signal })),
    );
    await notes.opens();
    await notes.noted('timer', 3);
    aborter.abort();
    await response.body?.cancel().catch(() => undefined);
    page[Symbol.dispose]();
    notes.expectAllInOps('timer');
  });

  test('a watched file: reading it, what it says, and timers', async () => {
    let text = 'circuit_breaker: { services: { ghl: { failure_threshold: 3 } } }';
    let changed: (() => void) | undefined;
    const watcher = inOps(() =>
      watchBreakers({
        file: 'breakers.yaml',
        registry: notes.registry,
        clock: notes.clock,
        settleMs: 1,
        pollMs: 5,
        source: {
          read: async () => {
            notes.note('read');
            return Buffer.from(text);
          },
          watch: (listener) => {
            notes.note('watch');
            changed = listener;
            return { close: () => notes.note('close') };
          },
        },
        onReload: () => notes.note('onReload'),
        onError: () => notes.note('onError'),
      }),
    );
    await watcher.ready;
    text = 'circuit_breaker: { services: { ghl: { failure_threshold: 4 } } }';
    await tenant.run('bob', () => watcher.check());
    text = 'circuit_breaker: nonsense';
    tenant.run('bob', () => changed?.());
    await notes.noted('onError');
    tenant.run('bob', () => watcher.close());
    expect(notes.entries.at(-1)).toEqual({ what: 'close', found: 'ops' });
    notes.expectAllInOps('read', 'watch', 'onReload', 'onError', 'timer');
  });
});

test('listeners of what goes on beside calls do not make calls take their context', async () => {
  const subscription = notes.registry.subscribe(() => undefined);
  expect(notes.registry.events.joinsCalls).toBe(true);
  subscription.unsubscribe();
  const store: SharedStateStore = { exchange: async () => [] };
  const alerts = startAlerts({
    registry: notes.registry,
    channels: [{ name: 'sms', open: () => ({ send: async () => undefined }) }],
    env: {},
  });
  const adaptive = adaptThresholds(notes.registry, { failureThreshold: { min: 1, max: 5 } });
  const shared = shareState({ registry: notes.registry, store });
  const page = dashboard({ registry: notes.registry });
  expect(notes.registry.events.joinsCalls).toBe(false);
  expect(notes.registry.events.silent).toBe(false);
  await alerts.close();
  adaptive.stop();
  shared.stop();
  page[Symbol.dispose]();
  expect(notes.registry.events.silent).toBe(true);
});
