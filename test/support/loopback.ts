import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** One request as the server saw it, its body read to the end. */
export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly socket: Socket;
  /** How the exchange ended: all was sent, or the client closed the socket before. */
  readonly end: Promise<'sent' | 'closed by the client'>;
}

/** What the server does with a request. */
export type Answer = (response: ServerResponse, seen: Seen) => void;

/**
 * A server on loopback that does what real ones do: answer, hang, stall a body, reset. Answers are used in order; the last one stays.
 * Everything is awaited by event (`request(n)`, `seen.end`), nothing by time.
 */
export class Loopback {
  readonly requests: Seen[] = [];
  readonly origin: string;
  /** Connections made so far. */
  connections = 0;
  readonly #server: Server;
  readonly #waiting: { readonly count: number; readonly resolve: (seen: Seen) => void }[] = [];
  #answers: Answer[] = [json({})];

  private constructor(server: Server) {
    this.#server = server;
    this.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('connection', () => this.connections++);
    server.on('request', (request: IncomingMessage, response: ServerResponse) => void this.#handle(request, response));
  }

  static async start(): Promise<Loopback> {
    const server = createServer({ keepAliveTimeout: 60_000 });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new Loopback(server);
  }

  /** What comes next; the last answer repeats. */
  answer(...answers: readonly Answer[]): this {
    this.#answers = [...answers];
    return this;
  }

  /** The request of that number, counted from 1, as soon as it is there. */
  request(count: number): Promise<Seen> {
    const seen = this.requests[count - 1];
    return seen === undefined ? new Promise((resolve) => this.#waiting.push({ count, resolve })) : Promise.resolve(seen);
  }

  /** Closes idle connections, as servers do between calls. */
  closeIdle(): void {
    this.#server.closeIdleConnections();
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return;
    }
    const seen: Seen = {
      method: request.method ?? '',
      url: request.url ?? '',
      headers: request.headers,
      body: Buffer.concat(chunks),
      socket: request.socket,
      end: new Promise((resolve) => response.once('close', () => resolve(response.writableFinished ? 'sent' : 'closed by the client'))),
    };
    const answer = this.#answers.length > 1 ? this.#answers.shift() : this.#answers[0];
    this.requests.push(seen);
    answer?.(response, seen);
    for (const { count, resolve } of this.#waiting.splice(0)) {
      const found = this.requests[count - 1];
      if (found === undefined) this.#waiting.push({ count, resolve });
      else resolve(found);
    }
  }
}

/** JSON with a status. */
export function json(body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Answer {
  return text(JSON.stringify(body), 'application/json; charset=utf-8', status, headers);
}

/** Any text with any content type; none where it is undefined. */
export function text(
  body: string | Uint8Array,
  contentType: string | undefined,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return (response) => {
    response.writeHead(status, { ...(contentType === undefined ? {} : { 'content-type': contentType }), ...headers });
    response.end(body);
  };
}

/** A status without a body. */
export function empty(status: number, headers: Readonly<Record<string, string>> = {}): Answer {
  return (response) => {
    response.writeHead(status, headers);
    response.end();
  };
}

/** The page that a proxy sends when the service behind it is down. */
export const badGateway: Answer = text('<html><body><h1>502 Bad Gateway</h1></body></html>', 'text/html', 502);

/** Takes the request and never answers. */
export const hang: Answer = () => undefined;

/** Sends the headers and half of the body, and then nothing. */
export const stallBody: Answer = (response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.write('{"half":');
};

/** Breaks the connection without an answer. */
export const reset: Answer = (_, seen) => {
  seen.socket.resetAndDestroy();
};

/** Promises 100 bytes, sends a few, and breaks the connection. */
export const resetBody: Answer = (response, seen) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
  response.write('{"half":', () => seen.socket.resetAndDestroy());
};

/** Sends the text byte by byte. */
export function drip(body: string): Answer {
  return (response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const bytes = Buffer.from(body);
    const step = (at: number): void => {
      if (at === bytes.length) response.end();
      else response.write(bytes.subarray(at, at + 1), () => step(at + 1));
    };
    step(0);
  };
}
