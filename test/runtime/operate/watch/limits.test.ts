import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BreakerRegistry, limitStats, type ServiceClient } from '../../../../runtime/index.js';
import { type BreakerWatcher, watchBreakers } from '../../../../runtime/operate/configuration.js';
import { FakeClock } from '../../../../runtime/testing/fake-clock.js';
import { errorOf, getThing, listThings, testClient } from '../../../support/client.js';
import { answers, InMemory, type Reaction, waits } from '../../../support/in-memory.js';
import { MemoryFile } from './memory-file.js';

let clock: FakeClock;
let registry: BreakerRegistry;
let transport: InMemory;
let file: MemoryFile;
let watcher: BreakerWatcher | undefined;

beforeEach(() => {
  clock = new FakeClock();
  registry = new BreakerRegistry({ clock });
  transport = new InMemory(answers(200));
});

afterEach(() => watcher?.close());

const yaml = (settings: string): string => `circuit_breaker: { services: { acme: { ${settings} } } }`;

async function following(settings: string, token = 'one'): Promise<ServiceClient> {
  const client = testClient({ registry, clock, dispatcher: transport, token, retry: false }, { baseUrl: 'https://acme.example' });
  file = new MemoryFile(yaml(settings));
  watcher = watchBreakers({ file: 'b.yaml', source: file, clients: client, clock });
  await watcher.ready;
  expect(watcher.error).toBeUndefined();
  return client;
}

async function reload(settings: string): Promise<void> {
  file.text = yaml(settings);
  await watcher?.check();
  expect(watcher?.error).toBeUndefined();
}

const withHeaders = (headers: Record<string, string>): Reaction => answers(200, {}, { 'content-type': 'application/json', ...headers });
const call = (client: ServiceClient): Promise<unknown> => Promise.resolve(client.call(getThing, { id: 1 }));
const limiters = (): readonly (number | null)[] => limitStats(registry).rateLimiters.map(({ requests }) => requests);

describe('a rate limit whose numbers a reload changes', () => {
  it('still knows what the server said of the sender: its window, and its day', async () => {
    const client = await following('rate_limit: { requests: 50, per_seconds: 10, max_wait_seconds: 0 }');
    transport.react(withHeaders({ 'x-ratelimit-remaining': '1', 'x-ratelimit-reset': '120', 'x-ratelimit-daily-remaining': '500' }));
    await call(client);
    await reload('rate_limit: { requests: 40, per_seconds: 10, max_wait_seconds: 0 }');
    transport.react(answers(200));
    await call(client);
    expect(await errorOf(call(client))).toMatchObject({ kind: 'rate_limited', retryAfterMs: 120_000 });
    expect(transport.requests).toHaveLength(2);
  });

  it('knows nothing of another sender', async () => {
    const client = await following('rate_limit: { requests: 50, per_seconds: 10, max_wait_seconds: 0 }');
    transport.react(answers(429, {}, { 'content-type': 'application/json', 'retry-after': '60' }));
    await errorOf(call(client));
    await reload('rate_limit: { requests: 40, per_seconds: 10, max_wait_seconds: 0 }');
    transport.react(answers(200));
    expect(await errorOf(call(client))).toMatchObject({ kind: 'rate_limited', retryAfterMs: 60_000 });
    await call(client.withOptions({ token: 'two' }));
  });

  it('is shown alone, as soon as nothing of the old one is under way', async () => {
    const client = await following('rate_limit: { requests: 50, per_seconds: 10 }');
    await call(client);
    expect(limiters()).toEqual([50]);
    await reload('rate_limit: { requests: 40, per_seconds: 10 }');
    expect(limiters()).toEqual([50]);
    await call(client);
    expect(limiters()).toEqual([50, 40]);
    clock.jump(10_000);
    expect(limiters()).toEqual([40]);
    await reload('rate_limit: false');
    await call(client);
    clock.jump(10_000);
    expect(limiters()).toEqual([]);
  });

  it('is kept where another operation has it still, or the numbers come back', async () => {
    const client = await following('rate_limit: { requests: 50, per_seconds: 10 }');
    await call(client);
    await reload('rate_limit: { requests: 50, per_seconds: 10 }, operations: { things.get: { rate_limit: { requests: 9 } } }');
    await call(client);
    await client.call(listThings, {});
    clock.jump(20_000);
    expect(limiters()).toEqual([50, 9]);
  });
});

describe('a bulkhead whose numbers a reload changes', () => {
  it('is shown until its calls have ended', async () => {
    const client = await following('bulkhead: { max_concurrent: 3 }');
    transport.react(waits);
    const abort = new AbortController();
    const running = errorOf(Promise.resolve(client.call(getThing, { id: 1 }, { signal: abort.signal })));
    await clock.advance(0);
    await reload('bulkhead: { max_concurrent: 2 }');
    transport.react(answers(200));
    await call(client);
    const shown = (): readonly number[] => limitStats(registry).bulkheads.map(({ maxConcurrent }) => maxConcurrent);
    expect(shown()).toEqual([3, 2]);
    abort.abort();
    await running;
    expect(shown()).toEqual([2]);
  });
});
