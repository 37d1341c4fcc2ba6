import { gzipSync } from 'node:zlib';
import { type ClientOptions, HttpError, ResponseParseError, type ServiceClient } from 'fuseline';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AT_ONCE, createThing, errorOf, getThing, operation, TRANSPORTS, testClient } from '../support/client.js';
import { ENCODERS, encode, wireName, zeros } from '../support/encode.js';
import { type Answer, empty, json, Loopback, text } from '../support/loopback.js';

const MIB = 1024 * 1024;

let server: Loopback;

beforeEach(async () => {
  server = await Loopback.start();
});

afterEach(() => server.stop());

const client = (options: ClientOptions = {}): ServiceClient => testClient({ baseUrl: server.origin, token: 't', retry: false, ...options });

/** A body in a coding. */
const coded = (coding: string, body: string, status = 200, type = 'application/json'): Answer =>
  text(encode(coding, body), type, status, { 'content-encoding': wireName(coding) });

/** Sends the bytes in pieces, and each only once the socket has taken the one before. */
function slowly(bytes: Uint8Array, headers: Readonly<Record<string, string>>, size = 1_000): Answer {
  return (response) => {
    response.writeHead(200, { 'content-type': 'application/json', ...headers });
    const step = (at: number): void => {
      if (at >= bytes.length) response.end();
      else response.write(bytes.subarray(at, at + size), () => setImmediate(step, at + size));
    };
    step(0);
  };
}

const failures = (acme: ServiceClient): number => acme.breaker('things.get').failureCount;

describe.each(TRANSPORTS)('%s', (transport, options) => {
  test.each(['gzip', 'deflate', 'br'])('%s: small, slow and large bodies, and the body of an error', async (coding) => {
    const acme = client(options);
    const list = Array.from({ length: 20_000 }, (_, id) => ({ id, name: `größe ${Math.sin(id)}` }));
    const whole = encode(coding, JSON.stringify(list));
    const header = { 'content-encoding': coding };
    server.answer(
      coded(coding, '{"a":1}'),
      slowly(encode(coding, '{"a":2}'), header, 1),
      slowly(whole, header),
      coded(coding, '{"no":1}', 422),
    );
    expect(await acme.call(getThing, { id: 1 })).toEqual({ a: 1 });
    const slow = await acme.call(getThing, { id: 1 }).withResponse();
    expect(slow.data).toEqual({ a: 2 });
    // The headers are as they were sent.
    expect(slow.headers['content-encoding']).toBe(coding);
    expect(await acme.call(getThing, { id: 1 })).toEqual(list);
    const error = (await errorOf(acme.call(getThing, { id: 1 }))) as HttpError;
    expect([error.status, error.body, error.cause]).toEqual([422, { no: 1 }, undefined]);
  });

  test('an unknown coding is named, asked for once, and counts as nothing; a success without a body to read stays one', async () => {
    const acme = client({ ...options, retry: AT_ONCE });
    server.answer(text('bytes', 'application/json', 200, { 'content-encoding': 'foo' }));
    const error = await errorOf(acme.call(getThing, { id: 1 }));
    expect(error).toBeInstanceOf(ResponseParseError);
    expect(error).toMatchObject({ problem: 'unknown_coding', coding: 'foo', status: 200, bytes: 5 });
    expect((error as Error).message).toContain("'foo'");
    expect(server.requests).toHaveLength(1);
    const { failedRequests, successfulRequests } = acme.breaker('things.get').snapshot().stats;
    expect([failures(acme), failedRequests, successfulRequests]).toEqual([0, 0, 0]);
    const nothing = operation({ responses: [{ status: 200, kind: 'none', success: true }] });
    expect(await acme.call(nothing, {})).toBeUndefined();
  });

  test('a failure by its status stays one if its body cannot be decoded, and says why there is no body', async () => {
    const acme = client(options);
    server.answer(text('bytes', 'text/html', 503, { 'content-encoding': 'foo' }));
    const error = (await errorOf(acme.call(getThing, { id: 1 }))) as HttpError;
    expect(error).toBeInstanceOf(HttpError);
    expect(error).toMatchObject({ status: 503, body: undefined, cause: { problem: 'unknown_coding', coding: 'foo' } });
    expect(failures(acme)).toBe(1);
  });

  test('HEAD, 204 and 304 have no body, whatever their headers say', async () => {
    const header = { 'content-encoding': 'gzip' };
    server.answer(empty(200, header), empty(204, header), empty(304, header));
    expect(await client(options).call(operation({ method: 'HEAD' }), {})).toBeUndefined();
    expect(await client(options).call(getThing, { id: 1 })).toBeUndefined();
    expect(await errorOf(client(options).call(getThing, { id: 1 }))).toMatchObject({ status: 304, body: undefined });
  });

  test(`${transport} asks for codings by itself, or not at all`, async () => {
    await client(options).call(getThing, { id: 1 });
    await client({ ...options, headers: { 'Accept-Encoding': 'br' } }).call(getThing, { id: 1 });
    await client(options).call(getThing, { id: 1 }, { headers: { 'accept-encoding': 'gzip;q=0.5' } });
    const [usual, ...own] = server.requests.map(({ headers }) => headers['accept-encoding']);
    expect(usual).toContain('gzip, deflate');
    expect(own).toEqual(['br', 'gzip;q=0.5']);
  });
});

describe('undici', () => {
  test.each(Object.keys(ENCODERS))('%s is undone, alone and around another', async (coding) => {
    const nested = encode(coding, encode('br', encode('gzip', '{"a":1}')));
    server.answer(coded(coding, '{"a":1}'), slowly(nested, { 'content-encoding': `gzip, br, ${wireName(coding)}` }, 3));
    expect(await client().call(getThing, { id: 1 })).toEqual({ a: 1 });
    expect(await client().call(getThing, { id: 1 })).toEqual({ a: 1 });
  });

  test('accept-encoding: off, of an operation, and of a request for a part', async () => {
    server.answer(coded('gzip', '{"a":1}'));
    expect(await client({ compression: false }).call(getThing, { id: 1 })).toEqual({ a: 1 });
    await client().call(operation({ headers: { 'Accept-Encoding': 'zstd' } }), {});
    await client().call(getThing, { id: 1 }, { headers: { range: 'bytes=0-9' } });
    await client().call(getThing, { id: 1 }, { headers: { range: 'bytes=0-9', 'accept-encoding': 'br' } });
    expect(server.requests.map(({ headers }) => headers['accept-encoding'])).toEqual([undefined, 'zstd', 'identity', 'br']);
    await expect(errorOf(Promise.resolve().then(() => client({ compression: 'gzip' as never })))).resolves.toMatchObject({
      option: 'compression',
    });
  });

  test('a bomb of 1 GB is an error within a few MB, and ends the request', async () => {
    for (const coding of ['gzip', 'br'] as const) {
      const bomb = await zeros(coding, 1024 * MIB);
      server.answer((response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': coding });
        response.end(bomb);
      });
      const acme = client({ maxResponseBytes: 4 * MIB });
      let peak = 0;
      const before = process.memoryUsage().rss;
      const watch = setInterval(() => {
        peak = Math.max(peak, process.memoryUsage().rss - before);
      }, 1);
      const error = await errorOf(acme.call(getThing, { id: 1 }));
      clearInterval(watch);
      expect(error).toMatchObject({ problem: 'too_large', status: 200 });
      expect(peak).toBeLessThan(100 * MIB);
    }
  });

  test('a body that is cut off or damaged counts like a broken one, and is asked for again', async () => {
    const whole = gzipSync(JSON.stringify({ secret: 'x'.repeat(100) }));
    const header = { 'content-encoding': 'gzip' };
    for (const bytes of [whole.subarray(0, -4), Buffer.from('secret, but not compressed')]) {
      const acme = client({ retry: { ...AT_ONCE, maxAttempts: 2 } });
      server.answer(text(bytes, 'application/json', 200, header));
      const error = (await errorOf(acme.call(getThing, { id: 1 }))) as Error;
      expect(error).toMatchObject({
        kind: 'retry_exhausted',
        lastError: { problem: 'broken_coding', coding: 'gzip', bytes: bytes.length },
      });
      expect(JSON.stringify(error) + error.message + String(error.stack)).not.toContain('secret');
      expect(failures(acme)).toBe(2);
      server.answer(text(bytes, 'application/json', 200, header), coded('gzip', '{"a":1}'));
      expect(await acme.call(getThing, { id: 1 })).toEqual({ a: 1 });
    }
  });

  test('a connection that breaks inside a compressed body', async () => {
    const large = encode('gzip', JSON.stringify(Array.from({ length: 30_000 }, Math.random)));
    server.answer((response, seen) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip', 'content-length': String(large.length) });
      response.write(large.subarray(0, large.length >> 1), () => seen.socket.resetAndDestroy());
    });
    expect(await errorOf(client().call(getThing, { id: 1 }))).toMatchObject({ kind: 'network', maybeSent: true });
  });

  test('the limit of an attempt, and a caller that leaves, end a body that never does', async () => {
    const large = encode('gzip', JSON.stringify(Array.from({ length: 30_000 }, Math.random)));
    const stalls: Answer = (response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
      response.write(large.subarray(0, large.length - 10));
    };
    server.answer(stalls);
    expect(await errorOf(client({ timeoutMs: 100 }).call(getThing, { id: 1 }))).toMatchObject({ kind: 'timeout', phase: 'body' });
    expect(await (await server.request(1)).end).toBe('closed by the client');
    const leaving = new AbortController();
    const left = client().call(getThing, { id: 1 }, { signal: leaving.signal }).result();
    const { end } = await server.request(2);
    setTimeout(() => leaving.abort(), 20);
    expect(await left).toMatchObject({ ok: false, error: { kind: 'aborted' } });
    expect(await end).toBe('closed by the client');
  });

  test('a write whose answer is compressed is sent once', async () => {
    server.answer(coded('br', '{"id":7}', 201));
    expect(await client().call(createThing, { body: {} })).toEqual({ id: 7 });
    expect(server.requests).toHaveLength(1);
  });

  test('connections are used again after compressed answers, good and bad', async () => {
    const acme = client({ breaker: { failureThreshold: 100 } });
    const bad = text('no gzip', 'application/json', 200, { 'content-encoding': 'gzip' });
    server.answer(coded('gzip', '{"a":1}'), bad, coded('br', '{}'), bad, json({}), bad, bad, bad, bad, bad);
    for (let count = 0; count < 10; count++) await acme.call(getThing, { id: 1 }).result();
    // undici opens a second one if a call follows within the callback that ends the one before.
    expect(server.connections).toBeLessThanOrEqual(2);
  });
});
