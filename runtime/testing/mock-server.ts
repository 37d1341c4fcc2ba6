import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getResponse, type RequestHandler } from 'msw';
import { oneOf } from '../errors/checks.js';
import { givenFunction } from '../errors/given.js';
import { CURRENT, userFunction } from '../user-code.js';

/** A fault of the server. `stall` sends the head and half of the body, and then nothing. */
export type OutageKind = 'errors' | 'hang' | 'stall' | 'reset';

const givenOutage = oneOf('errors', 'hang', 'stall', 'reset');

/**
 * A real HTTP server on loopback that answers from MSW handlers, and fails on command. For demos, and for tests that need real sockets.
 *
 * @example
 * const vendor = await MockServer.start((baseUrl) => ghlHandlers(baseUrl));
 * const ghl = new GhlClient({ baseUrl: vendor.url, token: 'test' });
 * vendor.outage = 'hang';
 * await vendor.close();
 */
export class MockServer {
  /** The number of requests that reached the server. */
  requests = 0;
  readonly url: string;
  readonly #server: Server;
  readonly #handlers: readonly RequestHandler[];
  #outage: OutageKind | undefined;

  private constructor(server: Server, url: string, handlers: readonly RequestHandler[]) {
    this.#server = server;
    this.url = url;
    this.#handlers = handlers;
    server.on('request', (request, response) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
  }

  /** The current fault; undefined while the server works. @throws {ConfigurationError} if it is set to anything else. */
  get outage(): OutageKind | undefined {
    return this.#outage;
  }

  set outage(kind: OutageKind | undefined) {
    if (kind !== undefined) givenOutage('outage', kind);
    this.#outage = kind;
  }

  /** Listens on a free port of 127.0.0.1. `handlers` receives the URL of the server. If it throws, `start` rejects and nothing listens. */
  static async start(handlers: (baseUrl: string) => readonly RequestHandler[]): Promise<MockServer> {
    const answers = userFunction(givenFunction('handlers', handlers));
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      return new MockServer(server, url, CURRENT.call(answers, url));
    } catch (error) {
      server.close();
      throw error;
    }
  }

  /** Closes the server and all its connections. */
  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests++;
    if (this.outage === 'hang') return;
    if (this.outage === 'reset') {
      request.socket.destroy();
      return;
    }
    if (this.outage === 'errors') {
      response.writeHead(500, { 'content-type': 'application/json' }).end('{"message":"the mock vendor is broken"}');
      return;
    }
    const answer = await getResponse([...this.#handlers], await toRequest(this.url, request));
    if (answer === undefined || answer.type === 'error') {
      response.writeHead(404, { 'content-type': 'application/json' }).end('{"message":"no handler"}');
      return;
    }
    const body = Buffer.from(await answer.arrayBuffer());
    response.writeHead(answer.status, { ...Object.fromEntries(answer.headers), 'content-length': body.length });
    if (this.outage === 'stall') response.write(body.subarray(0, body.length >> 1));
    else response.end(body);
  }
}

async function toRequest(base: string, request: IncomingMessage): Promise<Request> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk as Uint8Array);
  const method = request.method ?? 'GET';
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) if (value !== undefined) headers.set(name, String(value));
  return new Request(new URL(request.url ?? '/', base), {
    method,
    headers,
    ...(chunks.length > 0 && method !== 'GET' && method !== 'HEAD' ? { body: Buffer.concat(chunks) } : {}),
  });
}
