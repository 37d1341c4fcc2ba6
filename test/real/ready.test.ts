import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { testClient } from '../support/client.js';

test('ready ends although the host does not answer, and while the connection is still being opened', async () => {
  const sockets: Socket[] = [];
  // Accepts the connection, and never answers the TLS handshake.
  const server = createServer((socket) => void sockets.push(socket.on('error', () => undefined)));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const baseUrl = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const acme = testClient({ token: 't', baseUrl });
  const connected = once(server, 'connection');
  // Loading is not what is limited here.
  await acme.ready({ timeoutMs: Number.POSITIVE_INFINITY });
  await acme.ready({ connect: true, timeoutMs: 300 });
  await connected;
  expect(sockets.map((socket) => socket.readableEnded || socket.destroyed)).toEqual([false]);
  await acme.close();
  for (const socket of sockets) socket.destroy();
  server.close();
});
