import { BreakerRegistry, type CallOptions, type ClientOptions, chain, lastGood, type Operation, type ServiceClient } from 'fuseline';
import { FakeClock } from 'fuseline/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { errorOf, getThing, listThings, operation, type Service, testClient } from '../../support/client.js';
import { answers, InMemory } from '../../support/in-memory.js';

let dispatcher: InMemory;
let clock: FakeClock;
let registry: BreakerRegistry;

beforeEach(() => {
  dispatcher = new InMemory(answers(200, { tags: ['good'] }));
  clock = new FakeClock();
  registry = new BreakerRegistry();
});

const search = operation({ id: 'things.search', method: 'POST', body: { kind: 'json', contentType: 'application/json' } });
const upload = operation({ id: 'things.upload', method: 'POST', body: { kind: 'binary', contentType: 'application/octet-stream' } });
const tenantThing = operation({
  ...getThing,
  id: 'things.ofTenant',
  params: [...(getThing.params ?? []), { key: 'tenant', wire: 'X-Tenant', in: 'header' }],
});

const client = (options: ClientOptions = {}, service: Service = {}): ServiceClient =>
  testClient({ baseUrl: 'http://acme.test', token: 'a', dispatcher, clock, registry, retry: false, ...options }, service);

const kept: CallOptions = { fallback: lastGood() };

/** Stores with the first client, breaks the service, asks the second. */
async function seenByOther(
  first: ServiceClient,
  second: ServiceClient,
  op: Operation,
  params: unknown,
  otherParams: unknown = params,
  options: CallOptions = {},
  otherOptions: CallOptions = options,
): Promise<boolean> {
  dispatcher.react(answers(200, { secret: 'of the first' }));
  await first.call(op, params, { ...kept, ...options });
  dispatcher.react(answers(503));
  const own = await first.call(op, params, { ...kept, ...options }).result();
  expect(own).toMatchObject({ ok: true, source: 'cache', data: { secret: 'of the first' } });
  return (await second.call(op, otherParams, { ...kept, ...otherOptions }).result()).ok;
}

test('each caller gets a fresh copy, with its age', async () => {
  const acme = client({ fallbacks: { 'things.get': lastGood() } });
  const original = (await acme.call(getThing, { id: 1 })) as { tags: string[] };
  original.tags.push('changed by the first');
  dispatcher.react(answers(503));
  clock.jump(5_000);
  const result = await acme.call(getThing, { id: 1 }).result();
  expect(result).toEqual({ ok: true, data: { tags: ['good'] }, source: 'cache', status: 503, attempts: 1, ageMs: 5_000 });
  if (result.ok) (result.data as { tags: string[] }).tags.push('changed by the second');
  clock.jump(1_000);
  const again = await acme.call(getThing, { id: 1 }).withResponse();
  expect(again).toMatchObject({ data: { tags: ['good'] }, source: 'cache', ageMs: 6_000 });
});

test('answers while the circuit is open, without a request', async () => {
  const acme = client({ fallbacks: { 'things.get': lastGood() } });
  await acme.call(getThing, { id: 1 });
  acme.breaker('things.get').forceOpen();
  expect(await acme.call(getThing, { id: 1 }).result()).toMatchObject({ ok: true, source: 'cache', attempts: 0, status: undefined });
  expect(dispatcher.requests).toHaveLength(1);
});

test('no older than asked: then the next step, or the error', async () => {
  const acme = client({ fallbacks: { 'things.get': lastGood({ maxAgeMs: 10_000 }) } });
  await acme.call(getThing, { id: 1 });
  dispatcher.react(answers(503));
  clock.jump(10_000);
  expect((await acme.call(getThing, { id: 1 }).result()).ok).toBe(true);
  clock.jump(1);
  expect(await errorOf(acme.call(getThing, { id: 1 }))).toMatchObject({ kind: 'http', status: 503 });
});

test.each([
  ['nothing was kept', 0],
  ['what was kept is too old', 1],
])('A47 a miss is no answer, and never `undefined`: %s', async (_, kept) => {
  const acme = client({ fallbacks: { 'things.get': lastGood({ maxAgeMs: 10_000 }) } });
  for (let n = 0; n < kept; n++) await acme.call(getThing, { id: 1 });
  clock.jump(10_001);
  dispatcher.react(answers(503));
  expect(await acme.call(getThing, { id: 1 }).result()).toMatchObject({ ok: false, error: { kind: 'http', status: 503 } });
  const next = { fallback: chain(lastGood({ maxAgeMs: 10_000 }), { kind: 'next step' }) };
  expect(await acme.call(getThing, { id: 1 }, next).result()).toMatchObject({ ok: true, data: { kind: 'next step' }, source: 'fallback' });
});

test('a clock of the wall`s that is set back or on changes no age', async () => {
  const acme = client({ fallbacks: { 'things.get': lastGood({ maxAgeMs: 10_000 }) } });
  await acme.call(getThing, { id: 1 });
  dispatcher.react(answers(503));
  clock.stepWall(3_600_000);
  expect(await acme.call(getThing, { id: 1 }).result()).toMatchObject({ ok: true, ageMs: 0 });
});

test('a client made later for the same tenant finds it', async () => {
  expect(await seenByOther(client(), client(), getThing, { id: 1 })).toBe(true);
});

describe('never across', () => {
  test('tokens', async () => {
    expect(await seenByOther(client({ token: 'a' }), client({ token: 'b' }), getThing, { id: 1 })).toBe(false);
  });

  test('tokens of a function', async () => {
    expect(await seenByOther(client({ token: () => 'a' }), client({ token: () => Promise.resolve('b') }), getThing, { id: 1 })).toBe(false);
  });

  test('users of basic authentication', async () => {
    const basic: Service = { security: [{ type: 'basic' }] };
    const user = (username: string): ServiceClient => client({ token: undefined, credentials: { username, password: 'p' } }, basic);
    expect(await seenByOther(user('a'), user('b'), getThing, { id: 1 })).toBe(false);
  });

  test.each(['header', 'query', 'cookie'] as const)('API keys in the %s', async (place) => {
    const service: Service = { security: [{ type: 'apiKey', in: place, name: 'key' }] };
    expect(await seenByOther(client({ token: 'a' }, service), client({ token: 'b' }, service), getThing, { id: 1 })).toBe(false);
  });

  test('tenant headers of the client, of a parameter, of the call', async () => {
    expect(await seenByOther(client({ headers: { 'X-Tenant': '1' } }), client({ headers: { 'X-Tenant': '2' } }), getThing, { id: 1 })).toBe(
      false,
    );
    expect(await seenByOther(client(), client(), tenantThing, { id: 1, tenant: '1' }, { id: 1, tenant: '2' })).toBe(false);
    expect(
      await seenByOther(
        client(),
        client(),
        getThing,
        { id: 2 },
        { id: 2 },
        { headers: { 'x-tenant': '1' } },
        { headers: { 'x-tenant': '2' } },
      ),
    ).toBe(false);
  });

  test('paths, queries, bodies, methods, origins', async () => {
    expect(await seenByOther(client(), client(), getThing, { id: 1 }, { id: 2 })).toBe(false);
    expect(await seenByOther(client(), client(), listThings, { limit: 1 }, { limit: 2 })).toBe(false);
    expect(await seenByOther(client(), client(), search, { body: { q: 'a' } }, { body: { q: 'b' } })).toBe(false);
    expect(await seenByOther(client(), client({ baseUrl: 'http://other.test' }), getThing, { id: 3 })).toBe(false);
  });

  test('registries', async () => {
    expect(await seenByOther(client(), client({ registry: new BreakerRegistry() }), getThing, { id: 1 })).toBe(false);
  });

  test('uploads, whose bytes are no key: nothing is kept of them', async () => {
    const acme = client();
    await acme.call(upload, { body: new Uint8Array([1]) }, kept);
    dispatcher.react(answers(503));
    expect((await acme.call(upload, { body: new Uint8Array([2]) }, kept).result()).ok).toBe(false);
    expect((await acme.call(upload, { body: new Uint8Array([1]) }, kept).result()).ok).toBe(false);
  });
});

test('a failure never replaces it, nor does a page in its place', async () => {
  const acme = client({ fallbacks: { 'things.get': lastGood() } });
  await acme.call(getThing, { id: 1 });
  dispatcher.react(answers(404, { gone: true }), answers(200, '<html>', { 'content-type': 'text/html' }), answers(503));
  await errorOf(acme.call(getThing, { id: 1 }));
  await acme.call(getThing, { id: 1 });
  expect(await acme.call(getThing, { id: 1 })).toEqual({ tags: ['good'] });
});

test('nothing is kept where no fallback asks for it', async () => {
  const acme = client();
  await acme.call(getThing, { id: 1 });
  dispatcher.react(answers(503));
  expect((await acme.call(getThing, { id: 1 }, kept).result()).ok).toBe(false);
});
