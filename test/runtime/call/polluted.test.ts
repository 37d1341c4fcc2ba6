import { lastGood, type Operation } from 'fuseline';
import { describe, expect, test } from 'vitest';
import { createThing, getThing, listThings, operation, testClient } from '../../support/client.js';
import { answers, InMemory } from '../../support/in-memory.js';
import { polluted } from '../../support/polluted.js';

const form = operation({
  id: 'things.upload',
  method: 'POST',
  body: { kind: 'multipart', contentType: 'multipart/form-data' },
});
const withHeader = operation({ id: 'things.find', params: [{ key: 'tenant', in: 'header', wire: 'x-tenant' }] });
const operations = { getThing, createThing, listThings, form, withHeader };

const clientOf = (dispatcher: InMemory) => testClient({ baseUrl: 'http://acme.test', token: 'secret-1', dispatcher }, { operations });

describe('what a call would take from Object.prototype is refused, and nothing is sent', () => {
  test.each<[string, Operation, object, string, unknown, string]>([
    ['a query parameter', listThings, {}, 'limit', 5, 'a parameter of things.list itself'],
    ['a query parameter of undefined', listThings, { limit: undefined }, 'limit', 5, 'a parameter of things.list itself'],
    ['a path parameter', getThing, {}, 'id', 'evil', 'a parameter of things.get itself'],
    ['a header parameter', withHeader, {}, 'tenant', 'evil', 'a parameter of things.find itself'],
    ['a body', createThing, {}, 'body', { evil: true }, 'a parameter of things.create itself'],
    ['parameters of undefined', listThings, undefined as never, 'limit', 5, 'a parameter of things.list itself'],
    ['another server', getThing, { id: 1 }, 'server', 'http://evil.test', 'a field of things.get itself'],
    ['other security', getThing, { id: 1 }, 'security', [], 'a field of things.get itself'],
    ['an idempotency header', createThing, { body: {} }, 'idempotencyHeader', 'x-evil', 'a field of things.create itself'],
    ['the name of a parameter', listThings, { limit: 5 }, 'wire', 'evil', 'a field of things.list itself'],
    ['a style', listThings, { limit: [5] }, 'style', 'json', 'a field of things.list itself'],
    ['a required body', createThing, {}, 'required', true, 'a field of things.create itself'],
  ])('%s', async (_, target, params, name, value, expected) => {
    const dispatcher = new InMemory(answers(200, {}));
    const client = clientOf(dispatcher);
    const calls = polluted(name, value, () => [client.call(target, params), client.call(target, params, { idempotent: true })]);
    for (const call of calls)
      await expect(call).rejects.toMatchObject({
        kind: 'configuration',
        option: name,
        message: expect.stringContaining(`${name} is inherited from Object.prototype, expected ${expected}. `),
      });
    expect(dispatcher.requests).toHaveLength(0);
  });

  test.each([
    ['data', 'evil'],
    ['contentType', 'text/evil'],
  ])('%s of a file', async (name, value) => {
    const dispatcher = new InMemory(answers(200, {}));
    const file = name === 'data' ? { filename: 'a.txt' } : { data: 'text', filename: 'a.txt' };
    const call = polluted(name, value, () => clientOf(dispatcher).call(form, { body: { file } }));
    await expect(call).rejects.toMatchObject({ kind: 'request', cause: { kind: 'configuration', option: name } });
    expect(dispatcher.requests).toHaveLength(0);
  });

  test('an operation that is compiled without a call keeps no server from there', async () => {
    const dispatcher = new InMemory(answers(200, {}));
    const client = clientOf(dispatcher);
    expect(() => polluted('server', 'http://evil.test', () => client.describe('things.get'))).toThrow('server is inherited');
    await client.call(getThing, { id: 1 });
    expect(dispatcher.requests).toMatchObject([{ origin: 'http://acme.test' }]);
  });
});

describe('what is no part of a call', () => {
  test('is ignored', async () => {
    const dispatcher = new InMemory(answers(200, {}));
    const client = clientOf(dispatcher);
    await polluted(
      'added',
      () => 'evil',
      () => client.call(listThings, {}),
    );
    expect(dispatcher.requests).toMatchObject([{ path: '/things' }]);
  });

  test.each([
    ['maxAttempts', 9],
    ['statuses', new Uint8Array(1_000)],
    ['repeatable', true],
    ['placeWaitMs', 1],
  ])('such as the setting %s, which a call has by another name', async (name, value) => {
    const dispatcher = new InMemory(answers(503, {}));
    const client = clientOf(dispatcher);
    await polluted(name, value, () => client.call(createThing, { body: {} }, { totalTimeoutMs: 5_000, fallback: false })).result();
    expect(dispatcher.requests).toHaveLength(1);
  });

  test('the setting `fallback` of an operation that has none', async () => {
    const dispatcher = new InMemory(answers(503, {}));
    const client = clientOf(dispatcher);
    const described = polluted('fallback', [{ kind: 'value', value: 'evil' }], () => String(client.describe('things.create')));
    expect(described).not.toContain('evil');
    await expect(client.call(createThing, { body: {} })).rejects.toMatchObject({ kind: 'http' });
    await expect(client.call(createThing, { body: {} }, { fallback: lastGood() })).rejects.toMatchObject({ kind: 'http' });
  });

  test('a layer of the explanation', () => {
    const describe = (): string => String(testClient({ baseUrl: 'http://acme.test', token: 't' }).describe('things.get'));
    expect(polluted('maxAttempts', 1, describe)).toBe(describe());
  });
});
