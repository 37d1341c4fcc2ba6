import { BreakerRegistry } from 'fuseline';
import { applyBreakers, type BreakerWatcher, explainService, loadBreakers, watchBreakers } from 'fuseline/config';
import { GhlClient, type GhlOperationId } from 'fuseline/ghl';
import { FakeClock } from 'fuseline/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clientInternals } from '../../../../runtime/call/client/service-client.js';
import { answers, InMemory } from '../../../support/in-memory.js';
import { MemoryFile } from './memory-file.js';

const ids = (): readonly GhlOperationId[] => clientInternals(client()).operations.map(({ id }) => id as GhlOperationId);

let registry: BreakerRegistry;
let clock: FakeClock;
let dispatcher: InMemory;
let watcher: BreakerWatcher | undefined;

beforeEach(() => {
  clock = new FakeClock();
  registry = new BreakerRegistry({ clock });
  dispatcher = new InMemory(answers(503));
});

afterEach(() => watcher?.close());

const client = (environment = 'production'): GhlClient =>
  new GhlClient({ token: 't', registry, clock, dispatcher, environment, env: {}, random: () => 0 });

/** Every setting of an operation, and the layer that it comes from. */
const settings = (ghl: GhlClient, id: GhlOperationId): Record<string, unknown> =>
  Object.fromEntries(ghl.describe(id).values.map(({ key, value }) => [key, value]));
const originOf = (ghl: GhlClient, id: GhlOperationId, setting: string): string | undefined =>
  ghl.describe(id).values.find(({ key }) => key === setting)?.origin;

const WAYS = {
  applyBreakers: async (yaml: string, clients?: GhlClient) => {
    await applyBreakers({ file: 'b.yaml', registry, clients, clock, source: new MemoryFile(yaml) });
  },
  watchBreakers: async (yaml: string, clients?: GhlClient) => {
    watcher = watchBreakers({ file: 'b.yaml', registry, clients, clock, pollMs: null, source: new MemoryFile(yaml) });
    await watcher.ready;
    if (watcher.error !== undefined) throw watcher.error;
  },
};

const ghlYaml = (text: string): string => `circuit_breaker: { services: { ghl: { ${text} } } }`;

describe.each(Object.entries(WAYS))('E15 %s over a shipped client', (_, put) => {
  it.each(['production', 'test', 'staging'])('changes what the file says in %s, and nothing else', async (environment) => {
    const ghl = client(environment);
    const before = new Map(ids().map((id) => [id, settings(ghl, id)]));
    expect([...before.values()].filter(({ fallback }) => (fallback as unknown[]).length > 0)).toHaveLength(30);
    expect([...before.values()].filter(({ retryEnabled }) => retryEnabled === false)).toHaveLength(13);
    await put(ghlYaml('failure_threshold: 9'), ghl);
    for (const id of ids()) expect({ id, ...settings(ghl, id) }).toEqual({ id, ...before.get(id), failureThreshold: 9 });
    expect(originOf(ghl, 'contacts.get', 'failureThreshold')).toBe('service ghl');
    expect(originOf(ghl, 'contacts.get', 'timeoutMs')).toBe('generated: operation contacts.get');
  });

  it('neither a default nor a setting of the service repeats a write that must go out once', async () => {
    await put(
      'circuit_breaker: { defaults: { retry: { enabled: true, base_delay_seconds: 0 } }, services: { ghl: { retry: true, failure_threshold: 99 } } }',
      client(),
    );
    const call = client()
      .contacts.createNote({ contactId: 'cnt_1', body: { body: 'A note' } })
      .result();
    await clock.advance(0);
    expect(await call).toMatchObject({ ok: false, attempts: 1 });
    expect(dispatcher.requests).toHaveLength(1);
  });

  it('reads that are searches are still repeated', async () => {
    await put(ghlYaml('failure_threshold: 99, retry: { base_delay_seconds: 0 }'), client());
    const call = client()
      .contacts.search({ body: { locationId: 'loc_1', pageLimit: 5 } }, { fallback: false })
      .result();
    await clock.advance(1_000);
    expect(await call).toMatchObject({ ok: false, attempts: 3 });
  });

  it('a fallback that was shipped still answers, and goes where the file says so', async () => {
    const ghl = client();
    dispatcher.react(answers(200, { contact: { id: 'cnt_1' } }));
    await ghl.contacts.get({ contactId: 'cnt_1' });
    dispatcher.react(answers(503));
    await put(ghlYaml('failure_threshold: 99, retry: false, operations: { calendars.get: { fallback: false } }'), ghl);
    expect(await ghl.contacts.get({ contactId: 'cnt_1' })).toEqual({ contact: { id: 'cnt_1' } });
    expect(settings(ghl, 'calendars.get')).toMatchObject({ fallback: [], timeoutMs: 5_000 });
  });

  it('an environments block of the file alone is enough', async () => {
    const ghl = client('staging');
    await put('circuit_breaker: {}\nenvironments: { staging: { circuit_breaker: { services: { ghl: { timeout_seconds: 7 } } } } }', ghl);
    expect(settings(ghl, 'contacts.update')).toMatchObject({ timeoutMs: 7_000, failureThreshold: 3 });
    expect(settings(ghl, 'contacts.get').timeoutMs).toBe(10_000);
    expect(settings(client('production'), 'contacts.update').timeoutMs).toBe(30_000);
  });

  it('what was shipped for production does not override what the file says in general', async () => {
    await put(ghlYaml('enabled: false'), client());
    expect(settings(client('production'), 'contacts.get').enabled).toBe(false);
  });

  it('a total deadline that fits what was shipped is accepted, and bounds longer attempts', async () => {
    const ghl = client();
    await put(ghlYaml('total_timeout_seconds: 45'), ghl);
    expect(settings(ghl, 'contacts.update')).toMatchObject({ timeoutMs: 30_000, totalTimeoutMs: 45_000 });
    expect(settings(ghl, 'conversations.exportMessages')).toMatchObject({ timeoutMs: 45_000, totalTimeoutMs: 45_000 });
  });
});

it('explainService says of every operation what a client does that the file is applied to', async () => {
  const { config: generated } = await loadBreakers('specs/breakers.yaml');
  const yaml = ghlYaml(
    'preset: critical, total_timeout_seconds: 8, operations: { calendars.get: { fallback: false, timeout_seconds: 7 } }',
  );
  const ghl = client('test');
  const { config } = await applyBreakers({ file: 'b.yaml', clients: ghl, clock, source: new MemoryFile(yaml) });
  for (const id of ids()) {
    const rows = explainService(config, 'ghl', { operation: id, environment: 'test', generated });
    expect(Object.fromEntries(rows.map(({ key, value }) => [key, value]))).toEqual(settings(ghl, id));
  }
});

describe('settings that contradict what was shipped', () => {
  it('retries of a write that was shipped without are refused, unless the file says that it may be repeated', async () => {
    const ghl = client();
    const create = (text: string): string => ghlYaml(`operations: { contacts.create: { ${text} } }`);
    await expect(WAYS.applyBreakers(create('retry: true'), ghl)).rejects.toThrow(/^b\.yaml:1:\d+ `contacts\.create` of ghl is a POST/);
    await WAYS.applyBreakers(create('idempotent: true, retry: true'), ghl);
    expect(settings(ghl, 'contacts.create')).toMatchObject({ retryEnabled: true, idempotent: true });
  });

  it('retries of a search that was shipped as idempotent are accepted', async () => {
    const ghl = client();
    await WAYS.applyBreakers(ghlYaml('operations: { contacts.search: { retry: { max_attempts: 5 } } }'), ghl);
    expect(settings(ghl, 'contacts.search')).toMatchObject({ maxAttempts: 5, idempotent: true });
  });

  it('retry settings that a shipped `retry: false` keeps from any effect are pointed out', async () => {
    const yaml = ghlYaml('operations: { contacts.create: { idempotent: true, retry: { max_attempts: 5 } } }');
    const { warnings } = await applyBreakers({ file: 'b.yaml', clients: client(), clock, source: new MemoryFile(yaml) });
    expect(warnings).toMatchObject([{ code: 'retry-is-off', line: 1, message: expect.stringContaining('generated with `retry: false`') }]);
  });
});
