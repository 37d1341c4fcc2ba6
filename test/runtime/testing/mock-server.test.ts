import { once } from 'node:events';
import type { createServer, Server } from 'node:http';
import { MockServer } from 'fuseline/testing';
import { HttpResponse, http } from 'msw';
import { expect, test, vi } from 'vitest';

const servers: Server[] = [];

vi.mock('node:http', async (original) => {
  const module = await original<typeof import('node:http')>();
  return {
    ...module,
    createServer: (...all: Parameters<typeof createServer>) => {
      const server = module.createServer(...all);
      servers.push(server);
      return server;
    },
  };
});

test('answers from handlers that are made for its URL', async () => {
  await using server = await MockServer.start((baseUrl) => [http.get(`${baseUrl}/things`, () => HttpResponse.json({ id: 1 }))]);
  expect(await (await fetch(`${server.url}/things`)).json()).toEqual({ id: 1 });
  expect((await fetch(`${server.url}/none`)).status).toBe(404);
  expect(server.requests).toBe(2);
});

test('handlers that cannot be made: start rejects, and nothing listens', async () => {
  const fault = new Error('no handlers');
  const failing = (): never => {
    throw fault;
  };
  await expect(MockServer.start(failing)).rejects.toBe(fault);
  const server = servers.at(-1);
  if (server?.listening) await once(server, 'close');
  expect(server?.listening).toBe(false);
});
