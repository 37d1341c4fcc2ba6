import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { BreakerRegistry, ConfigurationError } from '../../../runtime/index.js';
import { FakeClock } from '../../../runtime/testing/fake-clock.js';
import { errorOf, getThing, operation, TRANSPORTS, testClient } from '../../support/client.js';
import { answers, InMemory } from '../../support/in-memory.js';

let server: Server | undefined;

afterEach(() => server?.close());

test.each(TRANSPORTS)('a descriptor written by hand with a path beyond ASCII reaches the server, over %s', async (_, options) => {
  const seen: (string | undefined)[] = [];
  server = createServer(({ url }, response) => {
    seen.push(url);
    response.setHeader('content-type', 'application/json').end('{}');
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const getSize = operation({ id: 'things.size', path: '/größe/{id}', params: [{ key: 'id', in: 'path', required: true }] });
  const client = testClient({ baseUrl: `http://127.0.0.1:${port}/v 1`, ...options });
  await client.call(getSize, { id: 'ä' });
  expect(seen).toEqual(['/v%201/gr%C3%B6%C3%9Fe/%C3%A4']);
});

test('one whose path is no Unicode is refused by its name', async () => {
  const client = testClient({ baseUrl: 'http://acme.test', dispatcher: new InMemory(answers(200)) });
  const error = await errorOf(Promise.resolve(client.call(operation({ id: 'things.odd', path: '/\ud83d' }), {})));
  expect(error).toBeInstanceOf(ConfigurationError);
  expect(String(error)).toContain('path of things.odd');
});

test('a client’s source of chance decides the jitter of a reopening, too', async () => {
  const waitWith = async (random: () => number): Promise<number> => {
    const clock = new FakeClock();
    const client = testClient({
      clock,
      random,
      registry: new BreakerRegistry({ clock }),
      baseUrl: 'http://acme.test',
      dispatcher: new InMemory(answers(503)),
      retry: false,
      breaker: { failureThreshold: 1, recoveryTimeoutMs: 10_000, reopenBackoff: { jitter: 1 } },
    });
    await errorOf(Promise.resolve(client.call(getThing, { id: 1 })));
    return client.breaker().retryAfterMs();
  };
  const waits = [await waitWith(() => 0.25), await waitWith(() => 0.25), await waitWith(() => 0.75)];
  expect(waits[0]).toBe(waits[1]);
  expect(waits[2]).not.toBe(waits[0]);
});
