import { Agent } from 'undici';
import { expect, test } from 'vitest';
import { getThing, testClient } from '../support/client.js';
import { json, Loopback } from '../support/loopback.js';

test.each([{}, { redirects: 'follow' }] as const)("limits of the dispatcher's own end no request: %j", async (options) => {
  const server = await Loopback.start();
  // undici's clock of these limits is coarse: one of 1 ms passes after half a second at the earliest.
  const agent = new Agent({ headersTimeout: 1, bodyTimeout: 1 });
  server.answer((response) => {
    setTimeout(() => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{"a":');
      setTimeout(() => response.end('1}'), 2_000);
    }, 2_000);
  });
  const acme = testClient({
    token: 't',
    baseUrl: server.origin,
    dispatcher: agent,
    retry: false,
    timeoutMs: null,
    totalTimeoutMs: null,
    ...options,
  });
  expect(await acme.call(getThing, { id: 1 })).toEqual({ a: 1 });
  server.answer(json({}));
  await agent.destroy();
  await server.stop();
});
