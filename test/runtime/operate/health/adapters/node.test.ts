import { once } from 'node:events';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import { type AddressInfo, connect } from 'node:net';
import { BreakerRegistry } from 'fuseline';
import { type HealthHandler, healthHandler, nodeListener, type Route } from 'fuseline/health';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { withResolvers } from '../../../../support/with-resolvers.js';
import { ask, listen, open, type Running } from './servers.js';

const warn = vi.fn();
let running: Running;
let seen: { method: string; path: string; signal: AbortSignal; headers: Headers } | undefined;

const echo = (method: 'GET' | 'POST'): Route => ({
  method,
  path: '/echo',
  permission: 'none',
  handle: async (request) => {
    seen = { method: request.method, path: new URL(request.url).pathname, signal: request.signal, headers: request.headers };
    const headers = new Headers({ 'content-type': 'text/plain' });
    headers.append('set-cookie', 'a=1');
    headers.append('set-cookie', 'b=2');
    return new Response(method === 'POST' ? await request.text() : 'echo', { headers });
  },
});

function handlerWith(...routes: Route[]): HealthHandler {
  return healthHandler({ registry: new BreakerRegistry(), token: false, warn, routes: [echo('GET'), echo('POST'), ...routes] });
}

/** Sends bytes as they stand, and reads until the server closes. */
async function raw(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(text);
  let answer = '';
  for await (const chunk of socket.setEncoding('utf8')) answer += chunk as string;
  return answer;
}

beforeEach(async () => {
  warn.mockReset();
  seen = undefined;
  running = await listen(nodeListener(handlerWith()));
});
afterEach(() => running.stop());

describe('a request of Node’s', () => {
  test.each([
    ['the absolute form', 'GET http://elsewhere.example/echo?a=1 HTTP/1.1', 200],
    ['another host', 'GET /echo HTTP/1.1\r\nX-Forwarded-Host: elsewhere.example', 200],
    ['dot segments', 'GET /health/../echo HTTP/1.1', 200],
    ['a path that looks like a host', 'GET //echo HTTP/1.1', 404],
    ['the absolute form without a path', 'GET http://elsewhere.example HTTP/1.1', 400],
    ['OPTIONS of everything', 'OPTIONS * HTTP/1.1', 400],
    ['TRACE', 'TRACE /echo HTTP/1.1', 400],
  ])('%s', async (_, line, status) => {
    const answer = await raw(running.port, `${line}\r\nHost: odd host\r\nConnection: close\r\n\r\n`);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toMatch(/x-content-type-options: nosniff/i);
    if (status === 200) expect(seen?.path).toBe('/echo');
  });

  test('a header that comes twice is seen as both', async () => {
    await ask(running.port, 'GET', '/echo', ['x-twice', 'one', 'x-twice', 'two', 'authorization', 'a', 'authorization', 'b']);
    expect([seen?.headers.get('x-twice'), seen?.headers.get('authorization')]).toEqual(['one, two', 'a, b']);
  });

  test('its signal is not aborted by the end of a response', async () => {
    await ask(running.port, 'GET', '/echo');
    expect(seen?.signal.aborted).toBe(false);
  });

  test('a body that was parsed before arrives nonetheless', async () => {
    for (const [body, expected] of [
      [{ a: 1 }, '{"a":1}'],
      ['text', 'text'],
      [Buffer.from('bytes'), 'bytes'],
      [undefined, ''],
    ]) {
      const listener = nodeListener(handlerWith());
      const parsed = await listen(async (request, response) => {
        for await (const chunk of request) void chunk;
        listener(Object.assign(request, { body }), response);
      });
      onTestFinished(() => parsed.stop());
      expect((await ask(parsed.port, 'POST', '/echo', [], 'what was sent')).text).toBe(expected);
    }
  });

  test('one that breaks off in the middle of its body is no fault of the route', async () => {
    const socket = connect(running.port, '127.0.0.1');
    socket.write('POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf');
    await once(socket, 'connect');
    socket.resetAndDestroy();
    expect((await ask(running.port, 'GET', '/echo')).status).toBe(200);
    expect(warn).not.toHaveBeenCalled();
  });

  test.each([
    ['announced', (body: string) => `Content-Length: ${body.length}\r\n\r\n${body}`],
    ['in chunks', (body: string) => `Transfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`],
  ])('one whose body is refused leaves the connection usable: %s', async (_, framed) => {
    const first = `POST /echo HTTP/1.1\r\nHost: x\r\n${framed('x'.repeat(400_000))}`;
    const answer = await raw(running.port, `${first}GET /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    expect(answer.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 413', 'HTTP/1.1 200']);
  });
});

describe('a response', () => {
  test('keeps each of its cookies', async () => {
    expect((await ask(running.port, 'GET', '/echo')).headers['set-cookie']).toEqual(['a=1', 'b=2']);
  });

  test('that comes after the client went away is dropped, and its body cancelled', async () => {
    const asked = withResolvers<AbortSignal>();
    const answered = withResolvers<Response>();
    const cancelled = withResolvers<void>();
    const handle: Route['handle'] = (request) => {
      asked.resolve(request.signal);
      return answered.promise;
    };
    const slow = await listen(nodeListener(handlerWith({ method: 'GET', path: '/slow', permission: 'none', handle })));
    onTestFinished(() => slow.stop());
    const socket = connect(slow.port, '127.0.0.1');
    socket.write('GET /slow HTTP/1.1\r\nHost: x\r\n\r\n');
    const signal = await asked.promise;
    socket.destroy();
    await once(signal, 'abort');
    answered.resolve(new Response(new ReadableStream({ cancel: () => cancelled.resolve() })));
    await cancelled.promise;
  });

  test('is left to whoever has answered already', async () => {
    const listener = nodeListener(handlerWith());
    const busy = await listen((request, response) => {
      response.write('someone ');
      listener(request, response);
      setImmediate(() => response.end('else'));
    });
    onTestFinished(() => busy.stop());
    expect((await ask(busy.port, 'GET', '/echo')).text).toBe('someone else');
    expect((await ask(busy.port, 'GET', '/echo')).text).toBe('someone else');
  });

  test('is passed on by middleware that collects, event by event', async () => {
    const source = withResolvers<ReadableStreamDefaultController<Uint8Array>>();
    const handle: Route['handle'] = () => new Response(new ReadableStream({ start: (controller) => source.resolve(controller) }));
    const listener = nodeListener(handlerWith({ method: 'GET', path: '/events', permission: 'none', handle }));
    // What compressing middleware does: nothing goes out before `flush` or the end.
    const collecting = await listen((request, response) => {
      const held: Uint8Array[] = [];
      const write = response.write.bind(response);
      const flush = (): void => void write(Buffer.concat(held.splice(0)));
      listener(request, Object.assign(response, { write: (chunk: Uint8Array) => held.push(chunk) > 0, flush }));
    });
    onTestFinished(() => collecting.stop());
    const response = await open(collecting.port, 'GET', '/events');
    (await source.promise).enqueue(new TextEncoder().encode('data: one\n\n'));
    expect(String((await once(response, 'data'))[0])).toBe('data: one\n\n');
    response.destroy();
  });
});

test('HTTP/2, through the API that is compatible', async () => {
  const server = createHttp2Server();
  const listener = nodeListener(handlerWith()) as unknown as Parameters<typeof server.on>[1];
  server.on('request', listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  onTestFinished(() => {
    client.destroy();
    server.close();
  });
  const stream = client.request({ ':method': 'POST', ':path': '/echo' });
  stream.end('over two');
  const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
  expect([headers[':status'], headers['x-content-type-options']]).toEqual([200, 'nosniff']);
  expect(String((await once(stream, 'data'))[0])).toBe('over two');
  expect(seen?.method).toBe('POST');
});
