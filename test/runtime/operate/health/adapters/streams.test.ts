import { once } from 'node:events';
import { BreakerRegistry } from 'fuseline';
import { healthHandler, type Route } from 'fuseline/health';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { withResolvers } from '../../../../support/with-resolvers.js';
import { MOUNTED, open, type Running } from './servers.js';

const CHUNK = 256 * 1024;
/** Far more than what sockets hold between two ends of loopback. */
const CHUNKS = 256;

describe.each(Object.entries(MOUNTED))('%s', (_name, start) => {
  let running: Running;
  /** The events of the route `/events`, as its test sends them. */
  let events: ReadableStreamDefaultController<Uint8Array>;
  let cancelled: ReturnType<typeof withResolvers<void>>;
  let aborted: ReturnType<typeof withResolvers<void>>;
  let pulled: number;
  const warn = vi.fn();

  const routes: readonly Route[] = [
    {
      method: 'GET',
      path: '/events',
      permission: 'none',
      handle: (request) => {
        request.signal.addEventListener('abort', () => aborted.resolve());
        const body = new ReadableStream<Uint8Array>({
          start: (controller) => {
            events = controller;
          },
          cancel: () => cancelled.resolve(),
        });
        return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
      },
    },
    {
      method: 'GET',
      path: '/large',
      permission: 'none',
      handle: () => {
        const pull = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
          if (pulled === CHUNKS) controller.close();
          else controller.enqueue(new Uint8Array(CHUNK).fill(++pulled % 256));
        };
        return new Response(new ReadableStream({ pull, cancel: () => cancelled.resolve() }, { highWaterMark: 0 }));
      },
    },
  ];

  beforeEach(async () => {
    cancelled = withResolvers();
    aborted = withResolvers();
    pulled = 0;
    running = await start((more) => healthHandler({ registry: new BreakerRegistry(), token: false, routes, warn, ...more }));
  });
  afterEach(() => running.stop());

  test('headers come before the first event, and each event as it is sent', async () => {
    const response = await open(running.port, 'GET', '/ops/events');
    expect(response.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
    });
    const chunks = response[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    for (const text of ['data: one\n\n', 'data: two\n\n']) {
      events.enqueue(new TextEncoder().encode(text));
      expect((await chunks.next()).value?.toString()).toBe(text);
    }
    events.close();
    expect((await chunks.next()).done).toBe(true);
  });

  test('a client that goes away ends the stream', async () => {
    const response = await open(running.port, 'GET', '/ops/events');
    events.enqueue(new TextEncoder().encode('data: one\n\n'));
    await once(response, 'data');
    response.destroy();
    await Promise.all([cancelled.promise, aborted.promise]);
  });

  test('a client that goes away before the first event ends the stream, too', async () => {
    (await open(running.port, 'GET', '/ops/events')).destroy();
    await Promise.all([cancelled.promise, aborted.promise]);
  });

  test('HEAD of a stream ends it', async () => {
    const response = await open(running.port, 'HEAD', '/ops/events');
    await cancelled.promise;
    expect(response.headers['content-type']).toBe('text/event-stream');
    response.resume();
  });

  test('a stream that fails breaks the connection: a part must not look whole', async () => {
    const response = await open(running.port, 'GET', '/ops/events');
    events.enqueue(new TextEncoder().encode('data: one\n\n'));
    await once(response, 'data');
    // The server for Hono writes a stream's error to the console.
    const console_ = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    onTestFinished(() => console_.mockRestore());
    events.error(new Error('secret-in-an-error'));
    await expect(once(response, 'end')).rejects.toThrow(/aborted|terminated|hang up/);
    expect(JSON.stringify(warn.mock.calls)).not.toContain('secret');
  });

  test('no more is made than the client takes', async () => {
    const response = await open(running.port, 'GET', '/ops/large');
    await untilStill(() => pulled);
    expect(pulled).toBeLessThan(CHUNKS / 2);
    let size = 0;
    for await (const chunk of response) size += (chunk as Buffer).length;
    expect([size, pulled]).toEqual([CHUNK * CHUNKS, CHUNKS]);
  });

  test('a client that goes away in the middle of a full pipe ends the stream', async () => {
    const response = await open(running.port, 'GET', '/ops/large');
    await untilStill(() => pulled);
    response.destroy();
    await cancelled.promise;
    expect(pulled).toBeLessThan(CHUNKS / 2);
  });
});

/** Until a number has stood still for many turns of the event loop. A source that nothing holds back gets to its end meanwhile. */
async function untilStill(read: () => number): Promise<void> {
  for (let turns = 0, last = read(); turns < 500; turns++) {
    await new Promise((resolve) => setImmediate(resolve));
    if (read() !== last) turns = 0;
    last = read();
  }
}
