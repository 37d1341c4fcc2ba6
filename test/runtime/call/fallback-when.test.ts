import type { ClientOptions, ServiceClient } from 'fuseline';
import { FakeClock } from 'fuseline/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { AT_ONCE, createThing, errorOf, getThing, testClient } from '../../support/client.js';
import { answers, InMemory, waits } from '../../support/in-memory.js';
import { fallbackClient } from './fallback-client.js';

let dispatcher: InMemory;

beforeEach(() => {
  dispatcher = new InMemory(answers(503));
});

const client = (fallback?: unknown, options?: ClientOptions): ServiceClient => fallbackClient(dispatcher, fallback, options);

describe('when', () => {
  const used = async (acme: ServiceClient): Promise<boolean> => (await acme.call(getThing, { id: 1 }).result()).ok;

  test.each([[400], [401], [403], [404], [409], [422], [501]])('not for %i: that is the answer', async (status) => {
    dispatcher.react(answers(status));
    expect(await used(client('kept'))).toBe(false);
  });

  test.each([[408], [425], [429], [500], [502], [503], [504]])('for %i', async (status) => {
    dispatcher.react(answers(status));
    expect(await used(client('kept'))).toBe(true);
  });

  test('not for a 404 that the YAML ignores: ignoring is about the circuit', async () => {
    dispatcher.react(answers(404));
    const acme = testClient(
      { baseUrl: 'http://acme.test', token: 't', dispatcher, fallbacks: { 'things.get': 'kept' } },
      { policies: { service: { ignoredStatuses: [404, 503] } } },
    );
    expect(await used(acme)).toBe(false);
    dispatcher.react(answers(503));
    expect(await used(acme.withOptions({ retry: false }))).toBe(true);
  });

  test('for a page, half a document, or nothing in place of the answer', async () => {
    for (const [body, type] of [
      ['<html>', 'text/html'],
      ['{"a":', 'application/json'],
      ['', 'application/json'],
    ] as const) {
      dispatcher.react(answers(200, body, { 'content-type': type }));
      expect(await used(client('kept'))).toBe(true);
    }
  });

  test('for a timeout, and once the retries are used up', async () => {
    const clock = new FakeClock();
    dispatcher.react(waits);
    const call = client('kept', { clock, timeoutMs: 100 }).call(getThing, { id: 1 });
    await clock.advance(100);
    expect(await call).toBe('kept');
    dispatcher.react(answers(503));
    dispatcher.requests.length = 0;
    expect(await client('kept', { retry: AT_ONCE }).call(getThing, { id: 1 })).toBe('kept');
    expect(dispatcher.requests).toHaveLength(3);
  });

  test('not for input that cannot be sent', async () => {
    expect(await errorOf(client('kept').call(getThing, {}))).toMatchObject({ kind: 'request' });
  });

  test('only for the operation it was given for', async () => {
    expect(await errorOf(client('kept').call(createThing, { body: {} }))).toMatchObject({ kind: 'http' });
  });
});
