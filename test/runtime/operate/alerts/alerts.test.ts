import { BreakerRegistry } from 'fuseline';
import { type AlertChannel, slack } from 'fuseline/alerts';
import { FakeClock } from 'fuseline/testing';
import { describe, expect, it } from 'vitest';
import { bench, recorder } from './recorder.js';

describe('an outage', () => {
  it('is told when the circuit opens, when it stays open, when it probes and when it has recovered', async () => {
    const { clock, fail, succeed, told, channel } = bench();
    fail();
    expect(await told()).toEqual(['circuit_open firing critical']);
    await clock.advance(60_000);
    fail(1);
    expect(await told()).toEqual(['circuit_open firing critical', 'circuit_half_open update info']);
    // Probes fail on and on: the circuit is never open for five minutes at a stretch, and yet the service is down that long.
    for (let minute = 0; minute < 3; minute++) {
      await clock.advance(60_000);
      fail(1);
    }
    await clock.advance(59_999);
    expect(channel.alerts).toHaveLength(2);
    await clock.advance(1);
    expect((await told()).at(-1)).toBe('circuit_open_long firing critical');
    await clock.advance(60_000);
    succeed();
    expect(await told()).toEqual([
      'circuit_open firing critical',
      'circuit_half_open update info',
      'circuit_open_long firing critical',
      'circuit_recovered resolved info',
    ]);
    const ids = channel.alerts.map(({ id }) => id);
    const incident = channel.alerts[0]?.incident;
    expect(ids).toEqual([1, 2, 3, 4].map((n) => `${incident}.${n}`));
    expect(channel.alerts.at(-1)).toMatchObject({
      durationMs: 360_000,
      title: 'ghl: recovered after 6 min',
      why: 'probes succeeded',
      callersGet: '',
    });
  });

  it('tells nothing of a circuit that fails and stays closed, and counts nothing twice', async () => {
    const { fail, succeed, told, clock } = bench();
    fail(2);
    succeed(100);
    await clock.advance(600_000);
    expect(await told()).toEqual([]);
  });

  it('is told of each circuit by itself', async () => {
    const { registry, fail, told, channel } = bench();
    const other = registry.obtain('retell', 'retell', { failureThreshold: 1 });
    fail(1, other);
    fail();
    await told();
    expect(channel.alerts.map(({ circuit }) => circuit)).toEqual(['retell', 'ghl']);
    expect(new Set(channel.alerts.map(({ incident }) => incident)).size).toBe(2);
  });

  it('of a circuit that was open before is told at the start, with its real beginning', async () => {
    const clock = new FakeClock();
    const registry = new BreakerRegistry({ clock });
    const circuit = registry.obtain('ghl', 'ghl', { failureThreshold: 1 });
    circuit.exit(circuit.enter(0), 'failure', 0);
    await clock.advance(20_000);
    const channel = recorder();
    bench({ clock, registry, channels: [channel] });
    await clock.advance(0);
    expect(channel.alerts).toMatchObject([{ rule: 'circuit_open', since: clock.wallNow() - 20_000, durationMs: 20_000 }]);
    await clock.advance(280_000);
    expect(channel.alerts.at(-1)).toMatchObject({ rule: 'circuit_open_long', durationMs: 300_000 });
  });

  it('ends when the circuit is gone', async () => {
    const { registry, fail, told, clock, channel } = bench();
    fail();
    registry.clear();
    await clock.advance(15_000);
    expect(await told()).toEqual(['circuit_open firing critical', 'circuit_recovered resolved info']);
    expect(channel.alerts.at(-1)).toMatchObject({
      title: 'ghl: circuit no longer in use',
      why: expect.stringContaining('no longer in the registry'),
    });
  });

  it('goes on in a circuit of the same name that takes its place', async () => {
    const { registry, fail, told, clock, alerts } = bench();
    fail();
    registry.clear();
    const next = registry.obtain('ghl', 'ghl', { failureThreshold: 1, recoveryTimeoutMs: 600_000 });
    fail(1, next);
    await clock.advance(15_000);
    expect(await told()).toEqual(['circuit_open firing critical']);
    expect(alerts.status().incidents).toHaveLength(1);
  });
});

describe('by hand', () => {
  it('an opening is told as such, and so is what ends it', async () => {
    const { circuit, told, channel, clock } = bench();
    circuit.forceOpen();
    await clock.advance(10_000);
    circuit.reset();
    expect(await told()).toEqual(['circuit_open firing critical', 'circuit_recovered resolved info']);
    expect(channel.alerts[0]).toMatchObject({
      title: 'ghl: circuit opened by hand, calls are refused',
      why: 'someone opened it by hand, and it stays open until a reset',
      nextProbe: 'none until a reset: someone opened the circuit by hand',
      nextProbeAt: null,
    });
    expect(channel.alerts[1]).toMatchObject({ why: 'closed by hand', durationMs: 10_000 });
  });

  it.each(['forceClosed', 'metricsOnly', 'reset'] as const)('%s ends an outage', async (method) => {
    const { circuit, told, fail, channel } = bench();
    fail();
    circuit[method]();
    expect((await told()).at(-1)).toBe('circuit_recovered resolved info');
    expect(channel.alerts.at(-1)?.why).toBe('closed by hand');
  });

  it('a circuit that was forgotten open is told of after five minutes', async () => {
    const { circuit, told, clock } = bench();
    circuit.forceOpen();
    await clock.advance(300_000);
    expect(await told()).toEqual(['circuit_open firing critical', 'circuit_open_long firing critical']);
  });
});

describe('flapping', () => {
  it('within the cooldown does not send again; the end comes when it is over', async () => {
    const { circuit, fail, told, clock, channel } = bench({ cooldownMs: 120_000 });
    for (let round = 0; round < 4; round++) {
      fail();
      await clock.advance(1_000);
      circuit.reset();
      await clock.advance(1_000);
    }
    expect(await told()).toEqual(['circuit_open firing critical', 'circuit_recovered resolved info']);
    await clock.advance(120_000);
    expect(await told()).toEqual(['circuit_open firing critical', 'circuit_recovered resolved info', 'circuit_recovered resolved info']);
    expect(channel.alerts.at(-1)?.untold).toBe(3);
    expect(new Set(channel.alerts.map(({ incident }) => incident)).size).toBe(1);
  });

  it('that ends open is told when the cooldown is over', async () => {
    const { circuit, fail, told, clock, alerts } = bench({ cooldownMs: 120_000 });
    fail();
    circuit.reset();
    fail();
    expect(await told()).toHaveLength(2);
    expect(alerts.status().incidents).toMatchObject([{ subject: 'ghl', circuits: ['ghl'], told: null }]);
    await clock.advance(120_000);
    expect((await told()).slice(2)).toEqual(['circuit_open firing critical']);
    expect(alerts.status().incidents).toMatchObject([{ told: 'circuit_open' }]);
  });

  it('that lasts five minutes is told of although the cooldown is longer', async () => {
    const { circuit, fail, told, clock } = bench({ cooldownMs: 3_600_000 });
    fail();
    circuit.reset();
    fail();
    await clock.advance(300_000);
    expect((await told()).at(-1)).toBe('circuit_open_long firing critical');
  });

  it('after the cooldown is another incident', async () => {
    const { circuit, fail, told, clock, channel } = bench({ cooldownMs: 120_000 });
    fail();
    circuit.reset();
    await clock.advance(120_000);
    fail();
    await told();
    expect(channel.alerts.map(({ rule }) => rule)).toEqual(['circuit_open', 'circuit_recovered', 'circuit_open']);
    expect(new Set(channel.alerts.map(({ incident }) => incident)).size).toBe(2);
  });
});

describe('its own life', () => {
  it('ends with using, and nothing is told after that', async () => {
    const { alerts, fail, told, clock } = bench();
    alerts[Symbol.dispose ?? Symbol.for('nodejs.dispose')]();
    fail();
    await clock.advance(600_000);
    expect(await told()).toEqual([]);
    expect(alerts.status()).toMatchObject({ enabled: false });
  });

  it('leaves no timer and no listener behind', async () => {
    const clock = new FakeClock();
    const pending = new Set<unknown>();
    const set = clock.setTimeout.bind(clock);
    const clear = clock.clearTimeout.bind(clock);
    const holding = new Set<unknown>();
    clock.setTimeout = (callback, ms) => {
      const handle = set(() => {
        pending.delete(handle);
        callback();
      }, ms);
      pending.add(handle);
      holding.add(handle);
      return Object.assign(handle, { unref: () => holding.delete(handle) });
    };
    clock.clearTimeout = (handle) => {
      pending.delete(handle);
      clear(handle);
    };
    const { alerts, fail, registry } = bench({ clock, registry: new BreakerRegistry({ clock }) });
    fail();
    await clock.advance(1_000);
    expect(pending.size).toBeGreaterThan(0);
    // None keeps the process alive.
    expect(holding.size).toBe(0);
    alerts[Symbol.dispose ?? Symbol.for('nodejs.dispose')]();
    expect(pending.size).toBe(0);
    expect(registry.events.silent).toBe(true);
  });

  it('opens all channels or none', () => {
    let closed = 0;
    const fine: AlertChannel = { name: 'fine', open: () => ({ send: async () => undefined, close: () => closed++ }) };
    expect(() => bench({ channels: [fine, slack({ urlEnv: 'NOT_SET' })] })).toThrow('environment variable NOT_SET is undefined');
    expect(closed).toBe(1);
  });

  it('close lets what waits go out, for as long as it is given', async () => {
    const { alerts, fail, channel, clock } = bench();
    fail();
    const closed = alerts.close();
    await clock.advance(0);
    await closed;
    expect(channel.alerts).toHaveLength(1);
    const stuck = bench({ channels: [{ name: 'stuck', open: () => ({ send: () => new Promise<void>(() => undefined) }) }] });
    stuck.fail();
    let done = false;
    const ending = stuck.alerts.close({ timeoutMs: 3_000 }).then(() => {
      done = true;
    });
    await stuck.clock.advance(2_999);
    expect(done).toBe(false);
    await stuck.clock.advance(1);
    await ending;
  });
});
