import { limitStats } from 'fuseline';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createThing, errorOf, getThing } from '../../../support/client.js';
import { answers } from '../../../support/in-memory.js';
import { acme, kindOf, World } from './world.js';

let world: World;

beforeEach(() => {
  world = new World();
});

afterEach(() => world.end());

describe('A53 a changed file', () => {
  test('holds for running clients and for those made later; circuits keep state, counts and listeners', async () => {
    const running = world.client();
    const circuit = running.breaker('things.get');
    const heard: string[] = [];
    circuit.subscribe(({ type }) => heard.push(type));
    await world.fails(running);
    await world.watch();
    await world.fails(running);
    expect(circuit.snapshot()).toMatchObject({ state: 'closed', failureCount: 2, stats: { failedRequests: 2 } });
    world.file.write(acme('failure_threshold: 4'));
    await world.clock.advance(100);
    await world.fails(running);
    expect(circuit.state).toBe('closed');
    expect(await world.fails(world.client())).toBe('http');
    expect(circuit.state).toBe('open');
    expect(await world.fails(running)).toBe('circuit_open');
    expect(world.registry.list()).toEqual([circuit]);
    expect(heard).toContain('circuit_opened');
    expect(running.circuits).toEqual([circuit]);
  });

  test('an open circuit stays open under it', async () => {
    const running = world.client();
    for (let n = 0; n < 2; n++) await world.fails(running);
    await world.watch();
    expect(await world.fails(running)).toBe('circuit_open');
    expect(await world.fails(world.client())).toBe('circuit_open');
  });

  test('follows although no client is left: bots make one for each request', async () => {
    await world.fails(world.client());
    await world.watch();
    for (const threshold of [9, 4]) {
      world.file.write(acme(`failure_threshold: ${threshold}`));
      await world.clock.advance(100);
    }
    for (let n = 0; n < 3; n++) await world.fails(world.client());
    expect(await world.fails(world.client())).toBe('circuit_open');
    expect(world.registry.list()).toHaveLength(1);
  });

  test('timeouts, retries and fallbacks change, too', async () => {
    world.file.text = acme(
      'failure_threshold: 9, timeout_seconds: 7, operations: { things.get: { timeout_seconds: 2, fallback: { value: { id: 9 } } } }',
    );
    const running = world.client();
    await world.fails(running);
    await world.watch();
    expect(await running.call(getThing, { id: 1 })).toEqual({ id: 9 });
    const rows = running.describe('things.get').values.filter(({ key }) => key === 'timeoutMs');
    expect(rows).toEqual([{ key: 'timeoutMs', value: 2_000, origin: 'operation things.get' }]);
    world.file.write(
      'circuit_breaker: { services: { acme: { failure_threshold: 9, retry: { enabled: true, max_attempts: 2, base_delay_seconds: 0 } } } }\n',
    );
    await world.clock.advance(100);
    world.dispatcher.requests.length = 0;
    const call = running.call(getThing, { id: 1 }).result();
    await world.clock.advance(0);
    expect((await call).ok).toBe(false);
    expect(world.dispatcher.requests).toHaveLength(2);
  });

  test('windows, backoffs and ramps come and go', async () => {
    const running = world.client();
    await world.fails(running);
    await world.watch();
    const circuit = running.breaker('things.get');
    world.file.write(
      acme('failure_threshold: 2, sliding_window: { size: 3, minimum_calls: 3 }, reopen_backoff: { jitter: 0 }, ramp: true'),
    );
    await world.clock.advance(100);
    expect(circuit.options).toMatchObject({ slidingWindow: { size: 3 }, reopenBackoff: { jitter: 0 }, ramp: { durationMs: 10_000 } });
    for (let n = 0; n < 2; n++) await world.fails(running);
    expect(circuit.snapshot()).toMatchObject({ state: 'closed', window: { calls: 2 } });
    await world.fails(running);
    expect(circuit.state).toBe('open');
    world.file.write(acme('failure_threshold: 2'));
    await world.clock.advance(100);
    expect(circuit.options).not.toHaveProperty('slidingWindow');
    expect(circuit.snapshot()).toMatchObject({ state: 'open', window: null, openingsInARow: 0 });
    expect(world.registry.list()).toEqual([circuit]);
  });

  test('limits of the next call are the new ones', async () => {
    const running = world.client();
    await world.fails(running);
    await world.watch();
    world.file.write(
      acme('failure_threshold: 99, bulkhead: { max_concurrent: 1 }, rate_limit: { requests: 2, per_seconds: 60, max_wait_seconds: 0 }'),
    );
    await world.clock.advance(100);
    expect(await world.fails(running)).toBe('http');
    expect(limitStats(world.registry).bulkheads).toMatchObject([{ maxConcurrent: 1, admitted: 1 }]);
    await world.fails(running);
    expect(await world.fails(running)).toBe('rate_limited');
    world.file.write(acme('failure_threshold: 99, coalesce: true'));
    await world.clock.advance(100);
    // Not at once, or the first would be over before the second came.
    world.dispatcher.react((...request) => void queueMicrotask(() => answers(503)(...request)));
    const before = world.dispatcher.requests.length;
    expect(await Promise.all([world.fails(running), world.fails(running)])).toEqual(['http', 'http']);
    expect(world.dispatcher.requests).toHaveLength(before + 1);
    expect(limitStats(world.registry).bulkheads).toEqual([]);
  });

  test('a window of the file that contradicts a client’s threshold is refused, and changes nothing', async () => {
    const running = world.client({ breaker: { failureThreshold: 9 } });
    await world.fails(running);
    await world.watch();
    world.file.write(acme('sliding_window: { size: 8, failure_threshold_counts: window }'));
    await world.clock.advance(200);
    expect(world.errors.map(({ message }) => message)).toEqual([expect.stringContaining('at most slidingWindow.size, which is 8')]);
    expect(running.breaker('things.get').snapshot().window).toBeNull();
  });

  test('options and environment variables stay stronger', async () => {
    const [byOption, byVariable] = [
      world.client({ breaker: { failureThreshold: 7 } }),
      world.client({ env: { CIRCUIT_BREAKER_FAILURE_THRESHOLD: '8' } }),
    ];
    for (const one of [byOption, byVariable]) await world.fails(one);
    await world.watch();
    const thresholds = [byOption, byVariable, world.client()].map((one) => one.breaker('things.get').options.failureThreshold);
    expect(thresholds).toEqual([7, 8, 3]);
    expect(byOption.breaker('things.get').failureCount).toBe(1);
  });

  test('a client that shared its circuit and no longer can takes the state along', async () => {
    const [fixed, following] = [world.client({ breaker: { failureThreshold: 2 } }), world.client()];
    await world.fails(fixed);
    await world.fails(following);
    expect(await world.fails(following)).toBe('circuit_open');
    await world.watch();
    expect(await world.fails(following)).toBe('circuit_open');
    expect(await world.fails(fixed)).toBe('circuit_open');
    expect(following.breaker('things.get')).not.toBe(fixed.breaker('things.get'));
  });

  test('circuits that cover something else from now on continue from the old one, which is forgotten', async () => {
    const running = world.client();
    for (let n = 0; n < 2; n++) await world.fails(running);
    running.breaker('things.create');
    world.file.text = acme('scope: operation');
    await world.watch();
    expect(await world.fails(running)).toBe('circuit_open');
    expect(kindOf(await errorOf(running.call(createThing, { body: {} })))).toBe('circuit_open');
    expect(world.registry.list().map(({ name }) => name)).toEqual(['acme/things.get', 'acme/things.create']);
  });

  test('a call in flight ends by the settings that it began with, in the same circuit', async () => {
    const service = { failureThreshold: 2, retryEnabled: true, maxAttempts: 2, baseDelayMs: 500, jitter: false };
    const running = world.client({}, { policies: { service } });
    const circuit = running.breaker('things.get');
    const call = running.call(getThing, { id: 1 }).result();
    await world.clock.advance(0);
    await world.watch();
    expect((await running.call(getThing, { id: 2 }).result()).attempts).toBe(1);
    expect(circuit.snapshot()).toMatchObject({ state: 'closed', failureCount: 2 });
    await world.clock.advance(500);
    expect((await call).attempts).toBe(2);
    expect(circuit.state).toBe('open');
  });

  test('an environment block holds for clients of that environment', async () => {
    world.file.text = `${acme('failure_threshold: 3')}environments: { test: { circuit_breaker: { services: { acme: { failure_threshold: 6 } } } } }\n`;
    await world.watch();
    expect(
      [world.client(), world.client({ environment: 'prod' })].map((one) => one.breaker('things.get').options.failureThreshold),
    ).toEqual([6, 3]);
  });

  test('the form with resilience is a layer over what was generated, too', async () => {
    world.file.text =
      'resilience: { circuit_breaker: { success_threshold: 9 }, retry: { max_retries: 4 }, timeout: { default: 3, acme: 4 } }\n';
    const policies = {
      defaults: { halfOpenMaxCalls: 7 },
      service: { failureThreshold: 2 },
      operations: { 'things.create': { retryEnabled: false } },
      environments: { test: { defaults: { maxDelayMs: 7 }, service: { exponentialBase: 5 } } },
    };
    const running = world.client({}, { policies });
    await world.watch();
    expect(world.reloads[0]).toMatchObject({ warnings: [{ code: 'unknown-timeout' }], services: [] });
    const values = Object.fromEntries(running.describe('things.create').values.map(({ key, value }) => [key, value]));
    expect(values).toMatchObject({ successThreshold: 9, timeoutMs: 4_000, failureThreshold: 2, retryEnabled: false, halfOpenMaxCalls: 7 });
    expect(values).toMatchObject({ maxAttempts: 5, maxDelayMs: 7, exponentialBase: 5 });
    await running.breaker('things.create');
    world.file.write(`${world.file.text}\n# again`);
    await world.clock.advance(100);
    expect(world.reloads[1]).toMatchObject({ warnings: [], services: [] });
  });

  test('is an event, with the services that it changed', async () => {
    const running = world.client();
    running.breaker('things.get');
    await world.watch();
    world.file.write(`${world.file.text}# a comment\n`);
    await world.clock.advance(100);
    expect(world.events).toEqual([
      { type: 'config_reloaded', circuit: '*', service: '*', at: world.clock.wallNow() - 100, file: 'b.yaml', services: ['acme'] },
      { type: 'config_reloaded', circuit: '*', service: '*', at: world.clock.wallNow(), file: 'b.yaml', services: [] },
    ]);
    expect(world.reloads.map(({ services }) => services)).toEqual([['acme'], []]);
  });
});
