import { once } from 'node:events';
import { expect, test, vi } from 'vitest';
import { getThing } from '../../support/client.js';
import { json, Loopback } from '../../support/loopback.js';

test('the last client that closes ends the idle connections, not one before it; a later client connects again', async () => {
  // As in a process of its own: no other client holds the agent.
  vi.resetModules();
  const { BreakerRegistry, ServiceClient } = await import('fuseline');
  const server = (await Loopback.start()).answer(json({ id: 1 }));
  const service = { name: 'acme', security: [], policies: {} };
  const client = () => new ServiceClient(service, { baseUrl: server.origin, registry: new BreakerRegistry(), env: {} }, { getThing });
  const [first, second] = [client(), client()];
  await first.call(getThing, { id: 1 });
  await first.close();
  // undici has the connection back after this turn of the event loop.
  await new Promise((resolve) => setImmediate(resolve));
  await second.call(getThing, { id: 1 });
  expect(server.connections).toBe(1);
  const { socket } = await server.request(2);
  const ended = once(socket, 'close');
  await Promise.all([second.close(), second.close()]);
  await ended;
  const third = client();
  expect(await third.call(getThing, { id: 1 })).toEqual({ id: 1 });
  expect(server.connections).toBe(2);
  await third.close();
  await server.stop();
});
