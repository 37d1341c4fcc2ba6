import { BreakerRegistry, type ClientOptions, FuselineError, type FuselineEvent, limitStats, type ServiceClient } from 'fuseline';
import { type BreakerWatcher, type DiagnosticError, type Reload, type WatchOptions, watchBreakers } from 'fuseline/config';
import { FakeClock } from 'fuseline/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createThing, errorOf, getThing, type Service, testClient } from '../../../support/client.js';
import { answers, InMemory } from '../../../support/in-memory.js';
import { MemoryFile } from './memory-file.js';

const acme = (settings: string): string => `circuit_breaker: { services: { acme: { retry: false, ${settings} } } }\n`;

let registry: BreakerRegistry;
let clock: FakeClock;
let dispatcher: InMemory;
let file: MemoryFile;
let events: FuselineEvent[];
let reloads: Reload[];
let errors: DiagnosticError[];
let watcher: BreakerWatcher | undefined;

beforeEach(() => {
  registry = new BreakerRegistry();
  clock = new FakeClock();
  dispatcher = new InMemory(answers(503));
  file = new MemoryFile(acme('failure_threshold: 3'));
  events = [];
  reloads = [];
  errors = [];
  registry.subscribe((event) => events.push(event));
});

afterEach(() => watcher?.close());

const generated = { service: { failureThreshold: 2, retryEnabled: false } };

const client = (options: ClientOptions = {}, service: Service = {}): ServiceClient =>
  testClient(
    { baseUrl: 'https://api.acme.test', token: 't', clock, dispatcher, registry, ...options },
    { baseUrl: 'https://api.acme.test', policies: generated, ...service },
  );

async function watching(options: Partial<WatchOptions> = {}): Promise<BreakerWatcher> {
  watcher = watchBreakers({
    file: 'b.yaml',
    registry,
    source: file,
    clock,
    pollMs: null,
    onReload: (reload) => reloads.push(reload),
    onError: (error) => errors.push(error),
    ...options,
  });
  await watcher.ready;
  return watcher;
}

const typesOf = (): readonly string[] => events.map(({ type }) => type);
const kindOf = (error: unknown): string => (error instanceof FuselineError ? error.kind : String(error));
const fails = async (from: ServiceClient): Promise<string> => kindOf(await errorOf(from.call(getThing, { id: 1 })));

describe('A53 a changed file', () => {
  test('holds for running clients and for those made later; circuits keep state, counts and listeners', async () => {
    const running = client();
    const circuit = running.breaker('things.get');
    const heard: string[] = [];
    circuit.subscribe(({ type }) => heard.push(type));
    await fails(running);
    await watching();
    await fails(running);
    expect(circuit.snapshot()).toMatchObject({ state: 'closed', failureCount: 2, stats: { failedRequests: 2 } });
    file.write(acme('failure_threshold: 4'));
    await clock.advance(100);
    await fails(running);
    expect(circuit.state).toBe('closed');
    expect(await fails(client())).toBe('http');
    expect(circuit.state).toBe('open');
    expect(await fails(running)).toBe('circuit_open');
    expect(registry.list()).toEqual([circuit]);
    expect(heard).toContain('circuit_opened');
    expect(running.circuits).toEqual([circuit]);
  });

  test('an open circuit stays open under it', async () => {
    const running = client();
    for (let n = 0; n < 2; n++) await fails(running);
    await watching();
    expect(await fails(running)).toBe('circuit_open');
    expect(await fails(client())).toBe('circuit_open');
  });

  test('follows although no client is left: bots make one for each request', async () => {
    await fails(client());
    await watching();
    for (const threshold of [9, 4]) {
      file.write(acme(`failure_threshold: ${threshold}`));
      await clock.advance(100);
    }
    for (let n = 0; n < 3; n++) await fails(client());
    expect(await fails(client())).toBe('circuit_open');
    expect(registry.list()).toHaveLength(1);
  });

  test('timeouts, retries and fallbacks change, too', async () => {
    file.text = acme(
      'failure_threshold: 9, timeout_seconds: 7, operations: { things.get: { timeout_seconds: 2, fallback: { value: { id: 9 } } } }',
    );
    const running = client();
    await fails(running);
    await watching();
    expect(await running.call(getThing, { id: 1 })).toEqual({ id: 9 });
    const rows = running.describe('things.get').values.filter(({ key }) => key === 'timeoutMs');
    expect(rows).toEqual([{ key: 'timeoutMs', value: 2_000, origin: 'operation things.get' }]);
    file.write(
      'circuit_breaker: { services: { acme: { failure_threshold: 9, retry: { enabled: true, max_attempts: 2, base_delay_seconds: 0 } } } }\n',
    );
    await clock.advance(100);
    dispatcher.requests.length = 0;
    const call = running.call(getThing, { id: 1 }).result();
    await clock.advance(0);
    expect((await call).ok).toBe(false);
    expect(dispatcher.requests).toHaveLength(2);
  });

  test('windows, backoffs and ramps come and go', async () => {
    const running = client();
    await fails(running);
    await watching();
    const circuit = running.breaker('things.get');
    file.write(acme('failure_threshold: 2, sliding_window: { size: 3, minimum_calls: 3 }, reopen_backoff: { jitter: 0 }, ramp: true'));
    await clock.advance(100);
    expect(circuit.options).toMatchObject({ slidingWindow: { size: 3 }, reopenBackoff: { jitter: 0 }, ramp: { durationMs: 10_000 } });
    for (let n = 0; n < 2; n++) await fails(running);
    expect(circuit.snapshot()).toMatchObject({ state: 'closed', window: { calls: 2 } });
    await fails(running);
    expect(circuit.state).toBe('open');
    file.write(acme('failure_threshold: 2'));
    await clock.advance(100);
    expect(circuit.options).not.toHaveProperty('slidingWindow');
    expect(circuit.snapshot()).toMatchObject({ state: 'open', window: null, openingsInARow: 0 });
    expect(registry.list()).toEqual([circuit]);
  });

  test('limits of the next call are the new ones', async () => {
    const running = client();
    await fails(running);
    await watching();
    file.write(
      acme('failure_threshold: 99, bulkhead: { max_concurrent: 1 }, rate_limit: { requests: 2, per_seconds: 60, max_wait_seconds: 0 }'),
    );
    await clock.advance(100);
    expect(await fails(running)).toBe('http');
    expect(limitStats(registry).bulkheads).toMatchObject([{ maxConcurrent: 1, admitted: 1 }]);
    await fails(running);
    expect(await fails(running)).toBe('rate_limited');
    file.write(acme('failure_threshold: 99, coalesce: true'));
    await clock.advance(100);
    // Not at once, or the first would be over before the second came.
    dispatcher.react((...request) => void queueMicrotask(() => answers(503)(...request)));
    const before = dispatcher.requests.length;
    expect(await Promise.all([fails(running), fails(running)])).toEqual(['http', 'http']);
    expect(dispatcher.requests).toHaveLength(before + 1);
    expect(limitStats(registry).bulkheads).toEqual([]);
  });

  test('a window of the file that contradicts a client’s threshold is refused, and changes nothing', async () => {
    const running = client({ breaker: { failureThreshold: 9 } });
    await fails(running);
    await watching();
    file.write(acme('sliding_window: { size: 8, failure_threshold_counts: window }'));
    await clock.advance(200);
    expect(errors.map(({ message }) => message)).toEqual([expect.stringContaining('at most slidingWindow.size, which is 8')]);
    expect(running.breaker('things.get').snapshot().window).toBeNull();
  });

  test('options and environment variables stay stronger', async () => {
    const [byOption, byVariable] = [
      client({ breaker: { failureThreshold: 7 } }),
      client({ env: { CIRCUIT_BREAKER_FAILURE_THRESHOLD: '8' } }),
    ];
    for (const one of [byOption, byVariable]) await fails(one);
    await watching();
    const thresholds = [byOption, byVariable, client()].map((one) => one.breaker('things.get').options.failureThreshold);
    expect(thresholds).toEqual([7, 8, 3]);
    expect(byOption.breaker('things.get').failureCount).toBe(1);
  });

  test('a client that shared its circuit and no longer can takes the state along', async () => {
    const [fixed, following] = [client({ breaker: { failureThreshold: 2 } }), client()];
    await fails(fixed);
    await fails(following);
    expect(await fails(following)).toBe('circuit_open');
    await watching();
    expect(await fails(following)).toBe('circuit_open');
    expect(await fails(fixed)).toBe('circuit_open');
    expect(following.breaker('things.get')).not.toBe(fixed.breaker('things.get'));
  });

  test('circuits that cover something else from now on continue from the old one, which is forgotten', async () => {
    const running = client();
    for (let n = 0; n < 2; n++) await fails(running);
    running.breaker('things.create');
    file.text = acme('scope: operation');
    await watching();
    expect(await fails(running)).toBe('circuit_open');
    expect(kindOf(await errorOf(running.call(createThing, { body: {} })))).toBe('circuit_open');
    expect(registry.list().map(({ name }) => name)).toEqual(['acme/things.get', 'acme/things.create']);
  });

  test('a call in flight ends by the settings that it began with, in the same circuit', async () => {
    const service = { failureThreshold: 2, retryEnabled: true, maxAttempts: 2, baseDelayMs: 500, jitter: false };
    const running = client({}, { policies: { service } });
    const circuit = running.breaker('things.get');
    const call = running.call(getThing, { id: 1 }).result();
    await clock.advance(0);
    await watching();
    expect((await running.call(getThing, { id: 2 }).result()).attempts).toBe(1);
    expect(circuit.snapshot()).toMatchObject({ state: 'closed', failureCount: 2 });
    await clock.advance(500);
    expect((await call).attempts).toBe(2);
    expect(circuit.state).toBe('open');
  });

  test('an environment block holds for clients of that environment', async () => {
    file.text = `${acme('failure_threshold: 3')}environments: { test: { circuit_breaker: { services: { acme: { failure_threshold: 6 } } } } }\n`;
    await watching();
    expect([client(), client({ environment: 'prod' })].map((one) => one.breaker('things.get').options.failureThreshold)).toEqual([6, 3]);
  });

  test('the form with resilience is a layer over what was generated, too', async () => {
    file.text = 'resilience: { circuit_breaker: { success_threshold: 9 }, retry: { max_retries: 4 }, timeout: { default: 3, acme: 4 } }\n';
    const policies = {
      defaults: { halfOpenMaxCalls: 7 },
      service: { failureThreshold: 2 },
      operations: { 'things.create': { retryEnabled: false } },
      environments: { test: { defaults: { maxDelayMs: 7 }, service: { exponentialBase: 5 } } },
    };
    const running = client({}, { policies });
    await watching();
    expect(reloads[0]).toMatchObject({ warnings: [{ code: 'unknown-timeout' }], services: [] });
    const values = Object.fromEntries(running.describe('things.create').values.map(({ key, value }) => [key, value]));
    expect(values).toMatchObject({ successThreshold: 9, timeoutMs: 4_000, failureThreshold: 2, retryEnabled: false, halfOpenMaxCalls: 7 });
    expect(values).toMatchObject({ maxAttempts: 5, maxDelayMs: 7, exponentialBase: 5 });
    await running.breaker('things.create');
    file.write(`${file.text}\n# again`);
    await clock.advance(100);
    expect(reloads[1]).toMatchObject({ warnings: [], services: [] });
  });

  test('is an event, with the services that it changed', async () => {
    const running = client();
    running.breaker('things.get');
    await watching();
    file.write(`${file.text}# a comment\n`);
    await clock.advance(100);
    expect(events).toEqual([
      { type: 'config_reloaded', circuit: '*', service: '*', at: clock.wallNow() - 100, file: 'b.yaml', services: ['acme'] },
      { type: 'config_reloaded', circuit: '*', service: '*', at: clock.wallNow(), file: 'b.yaml', services: [] },
    ]);
    expect(reloads.map(({ services }) => services)).toEqual([['acme'], []]);
  });
});

describe('all or none', () => {
  test('no listener sees half of it', async () => {
    const other = testClient(
      { baseUrl: 'https://two.test', token: 't', clock, dispatcher, registry },
      { baseUrl: 'https://two.test', policies: generated },
    );
    const first = client().breaker('things.get');
    const second = other.breaker('things.get');
    const seen: unknown[] = [];
    first.subscribe(() => seen.push([first.options.enabled, second.options.failureThreshold, client().breaker('things.get') === first]));
    file.text = acme('enabled: false, failure_threshold: 7');
    await watching();
    expect(seen).toEqual([[false, 7, true]]);
  });

  test('clients of several registries', async () => {
    const registries = [new BreakerRegistry(), new BreakerRegistry()];
    const clients = registries.map((one) => client({ registry: one }));
    for (const one of clients) one.breaker('things.get');
    const seen: unknown[] = [];
    for (const one of registries)
      one.subscribe(({ type }) => seen.push([type, ...clients.map((each) => each.breaker('things.get').options.failureThreshold)]));
    file.text = acme('enabled: false, failure_threshold: 7');
    await watching({ registry: undefined, clients });
    expect(seen).toEqual([
      ['circuit_forced_closed', 7, 7],
      ['circuit_forced_closed', 7, 7],
      ['config_reloaded', 7, 7],
      ['config_reloaded', 7, 7],
    ]);
  });

  test('settings that contradict the options of one client keep all clients from the file', async () => {
    const bounded = client({ breaker: { failureThreshold: 9 } });
    const easy = client({ registry: new BreakerRegistry() });
    for (const one of [bounded, easy]) one.breaker('things.get');
    file.text = acme('success_threshold: 7, sliding_window: { size: 8, failure_threshold_counts: window }');
    await watching({ clients: [easy, bounded] });
    expect(errors.map(({ message }) => message)).toEqual([expect.stringContaining('at most slidingWindow.size, which is 8')]);
    expect([bounded, easy].map((one) => one.breaker('things.get').options.successThreshold)).toEqual([3, 3]);
    expect(typesOf()).toEqual(['config_rejected']);
  });
});

describe('A53 a file that cannot be used', () => {
  test('invalid: what held goes on to hold, and it is told once, with the place', async () => {
    const running = client();
    await watching();
    file.write(acme('failure_threshold: 0'));
    await clock.advance(200);
    await clock.advance(60_000);
    expect(errors).toHaveLength(1);
    expect(errors[0]?.message).toMatch(/^b\.yaml:1:\d+ `failure_threshold` is 0, expected a whole number, 1 or more\.$/);
    expect(events.at(-1)).toMatchObject({
      type: 'config_rejected',
      circuit: '*',
      file: 'b.yaml',
      code: 'bad-value',
      reason: errors[0]?.message,
    });
    expect(watcher?.error).toBe(errors[0]);
    expect(running.breaker('things.get').options.failureThreshold).toBe(3);
    file.write(acme('failure_threshold: 5'));
    await clock.advance(100);
    expect(watcher?.error).toBeUndefined();
    expect(running.breaker('things.get').options.failureThreshold).toBe(5);
    expect(typesOf()).toEqual(['config_reloaded', 'config_rejected', 'config_reloaded']);
  });

  test.each(['', 'circuit_breaker: { services: { acme: { failure_thre', 'circuit_breaker: [', '\u0000'])(
    'half written: %j',
    async (half) => {
      const running = client();
      await watching();
      file.write(half);
      await clock.advance(150);
      file.write(acme('failure_threshold: 8'));
      await clock.advance(1_000);
      expect(errors).toEqual([]);
      expect(typesOf()).toEqual(['config_reloaded', 'config_reloaded']);
      expect(running.breaker('things.get').options.failureThreshold).toBe(8);
    },
  );

  test('gone, and back as it was', async () => {
    await watching();
    file.write(undefined);
    await clock.advance(200);
    // Whether a neighbour was meant is looked up on the disk.
    await watcher?.check();
    expect(events.at(-1)).toMatchObject({ type: 'config_rejected', code: 'missing-file' });
    expect(client().breaker('things.get').options.failureThreshold).toBe(3);
    file.write(acme('failure_threshold: 3'));
    await clock.advance(100);
    expect(events.at(-1)).toMatchObject({ type: 'config_reloaded', services: [] });
  });

  test('gone for the moment of a rename: nothing happens', async () => {
    await watching();
    const { text } = file;
    file.write(undefined);
    await clock.advance(120);
    file.write(text);
    await clock.advance(1_000);
    expect(typesOf()).toEqual(['config_reloaded']);
  });

  test('missing from the beginning: what was generated holds, until it comes', async () => {
    file.text = undefined;
    const running = client();
    const { config } = await watching();
    expect(config).toBeUndefined();
    expect(errors).toHaveLength(1);
    expect(running.breaker('things.get').options.failureThreshold).toBe(2);
    file.write(acme('failure_threshold: 6'));
    await clock.advance(100);
    expect(running.breaker('things.get').options.failureThreshold).toBe(6);
  });

  test.each([
    ['acme: { operations: { things.gett: { timeout_seconds: 1 } } }', 'unknown-operation'],
    ['acme: { operations: { things.create: { retry: { max_attempts: 3 } } } }', 'unsafe-retry'],
  ])('names what the clients do not have, or must not do: %s', async (settings, code) => {
    file.text = `circuit_breaker: { services: { ${settings} } }\n`;
    await watching({ clients: client() });
    expect(errors[0]?.diagnostics.map((found) => found.code)).toEqual([code]);
    errors.length = 0;
    await watching();
    expect(errors).toEqual([]);
  });
});

describe('watching', () => {
  test('many changes are one reading, and an unchanged text is none', async () => {
    await watching();
    for (let n = 0; n < 20; n++) {
      file.write(acme(`failure_threshold: ${n + 1}`));
      await clock.advance(50);
    }
    await clock.advance(50);
    expect(file.reads).toBe(2);
    file.write(file.text);
    await clock.advance(1_000);
    expect(typesOf()).toEqual(['config_reloaded', 'config_reloaded']);
  });

  test('looks by itself where nobody reports a change', async () => {
    await watching({ pollMs: 5_000 });
    file.text = acme('failure_threshold: 9');
    await clock.advance(5_000);
    expect(reloads).toHaveLength(2);
    await clock.advance(50_000);
    expect(reloads).toHaveLength(2);
  });

  test('check reads at once', async () => {
    const { check } = await watching();
    file.text = 'circuit_breaker: [';
    await check.call(watcher as BreakerWatcher);
    expect(errors).toHaveLength(1);
  });

  test('close ends it, leaves no timer, and what holds goes on to hold', async () => {
    await watching({ pollMs: 1_000 });
    const before = watcher as BreakerWatcher;
    file.write(acme('failure_threshold: 9'));
    before.close();
    before.close();
    expect(file.closed).toBe(true);
    expect(clock.pendingTimers).toBe(0);
    file.write(acme('failure_threshold: 10'));
    await before.check();
    expect(clock.pendingTimers).toBe(0);
    expect(client().breaker('things.get').options.failureThreshold).toBe(3);
  });

  test('A40 a listener that throws, or that changes the file, changes nothing', async () => {
    await watching({
      onReload: () => {
        throw new Error('mine');
      },
      onError: async () => {
        throw new Error('mine, too');
      },
    });
    file.write('circuit_breaker: [');
    await clock.advance(200);
    file.write(acme('failure_threshold: 9'));
    await clock.advance(200);
    expect(typesOf()).toEqual(['config_reloaded', 'config_rejected', 'config_reloaded']);
  });

  test.each<[string, Partial<WatchOptions>, RegExp]>([
    ['file', { file: '' }, /file is .*expected the name of a file/],
    ['settleMs', { settleMs: -1 }, /settleMs is -1, expected milliseconds, 0 or more/],
    ['pollMs', { pollMs: 0 }, /pollMs is 0, expected milliseconds, 1 or more, or null/],
    ['registry', { registry: {} as never }, /registry is an object, expected a BreakerRegistry/],
    ['clients', { clients: [{}] as never }, /clients is an object, expected clients made by this copy of fuseline/],
  ])('refuses a %s that cannot work', (_, options, message) => {
    expect(() => watchBreakers({ file: 'b.yaml', source: file, clock, ...options })).toThrow(message);
  });
});
