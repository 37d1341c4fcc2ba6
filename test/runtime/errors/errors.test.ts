import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { FuselineError, placeName, withoutStack } from '../../../runtime/errors/base.js';
import {
  CallAbortedError,
  CircuitOpenError,
  NetworkError,
  RequestError,
  ResponseParseError,
  RetryExhaustedError,
  TimeoutError,
} from '../../../runtime/errors/call-errors.js';
import { ConfigurationError } from '../../../runtime/errors/configuration-error.js';
import { HttpError } from '../../../runtime/errors/http-error.js';
import { BulkheadFullError, RateLimitedError } from '../../../runtime/errors/limit-errors.js';
import { SignInError } from '../../../runtime/errors/sign-in-error.js';

const place = { service: 'ghl', operation: 'contacts.get' };
const cause = new Error('below');
const unavailable = (): HttpError =>
  new HttpError(503, { ...place, method: 'GET', path: '/c/{id}', body: 'secret', headers: { secret: 'x' }, retryAfterMs: 2_000 });
const http = unavailable();

const ALL: readonly [FuselineError, string, string, string][] = [
  [http, 'HttpError', 'http', 'EHTTP'],
  [new CircuitOpenError(place, 'ghl', 1_500), 'CircuitOpenError', 'circuit_open', 'EOPENBREAKER'],
  [new TimeoutError(place, 'attempt', 30_000, 'body'), 'TimeoutError', 'timeout', 'ETIMEDOUT'],
  [new NetworkError(place, 'ECONNRESET', true, { cause }), 'NetworkError', 'network', 'ENETWORK'],
  [new ResponseParseError(place, 'invalid_json', 200, 'text/html', 12), 'ResponseParseError', 'response', 'EBADRESPONSE'],
  [new RetryExhaustedError(place, 3, [http], http), 'RetryExhaustedError', 'retry_exhausted', 'ERETRYEXHAUSTED'],
  [new CallAbortedError(place, cause), 'CallAbortedError', 'aborted', 'EABORTED'],
  [new RequestError(place, "the 'body' is missing", { cause }), 'RequestError', 'request', 'EREQUEST'],
  [new SignInError(place, 'expired', 'sign in again', { cause }), 'SignInError', 'sign_in', 'ESIGNIN'],
  [new ConfigurationError('timeoutMs', -1, 'more than 0'), 'ConfigurationError', 'configuration', 'ECONFIG'],
];

describe('every error', () => {
  test.each(ALL)('%s', (error, name, kind, code) => {
    expect(error).toBeInstanceOf(Error);
    expect(error).toBeInstanceOf(FuselineError);
    expect(error).toMatchObject({ name, kind, code });
    expect(String(error)).toBe(`${name}: ${error.message}`);
    expect(error.stack?.startsWith(`${name}: `)).toBe(true);
    const plain = JSON.parse(JSON.stringify(error)) as Record<string, unknown>;
    expect(plain).toMatchObject({ name, kind, code, message: error.message });
    if (kind !== 'configuration') {
      expect(error).toMatchObject(place);
      expect(plain).toMatchObject(place);
      expect(error.message).toMatch(/^ghl contacts\.get: /);
    }
    expect(JSON.stringify(error)).not.toContain('secret');
  });

  const seen = { status: 503, contentType: undefined, requestId: undefined, retryAfterMs: 2_000 };
  test.each<[FuselineError, Record<string, unknown>]>([
    [unavailable(), seen],
    [new CircuitOpenError(place, 'ghl', 9, 'open', 'auth'), { circuit: 'ghl', retryAfterMs: 9, reason: 'open', dependency: 'auth' }],
    [new TimeoutError(place, 'attempt', 30_000, 'body'), { scope: 'attempt', timeoutMs: 30_000, phase: 'body' }],
    [new NetworkError(place, 'ECONNRESET', true, { cause }), { fault: 'reset', host: undefined, reason: 'ECONNRESET', maybeSent: true }],
    [
      new ResponseParseError(place, 'invalid_json', 200, 'text/html', 12),
      { problem: 'invalid_json', status: 200, contentType: 'text/html', bytes: 12, coding: undefined },
    ],
    [
      new ResponseParseError(place, 'unknown_coding', 200, undefined, 12, 'foo'),
      { problem: 'unknown_coding', status: 200, contentType: undefined, bytes: 12, coding: 'foo' },
    ],
    [new RetryExhaustedError(place, 3, [http], http), { attempts: 3, lastError: http.toJSON() }],
    [new CallAbortedError(place, cause), {}],
    [new RequestError(place, "the 'body' is missing", { cause }), {}],
    [new SignInError(place, 'expired', 'sign in again', { cause }), { reason: 'expired' }],
    [new ConfigurationError('timeoutMs', -1, 'more than 0'), {}],
    [new BulkheadFullError(place, 'ghl', 'queue_full', 10, 5), { bulkhead: 'ghl', reason: 'queue_full', maxConcurrent: 10, maxQueue: 5 }],
    [new RateLimitedError(place, 'ghl', 70), { limiter: 'ghl', retryAfterMs: 70 }],
  ])('for logs: %s, and nothing that someone attached to it', (error, more) => {
    const { name, kind, code, message, service, operation } = error;
    Object.assign(error, { request: { authorization: 'secret' } });
    expect(error.toJSON()).toStrictEqual({ name, kind, code, message, service, operation, ...more });
    class Own extends TimeoutError {}
    expect(new Own(place, 'total', 1, 'backoff').toJSON()).toMatchObject({ name: 'TimeoutError', scope: 'total' });
  });

  test('printing an HTTP error, or one that carries it, shows neither body nor headers', () => {
    for (const error of [http, new RetryExhaustedError(place, 2, [http, http], http)])
      expect(inspect(error, { depth: 9 })).not.toContain('secret');
  });

  test('they are told apart by class', () => {
    for (const [error] of ALL) {
      const classes = [HttpError, CircuitOpenError, TimeoutError, NetworkError, ResponseParseError, RetryExhaustedError];
      const matching = [...classes, CallAbortedError, RequestError, SignInError, ConfigurationError].filter((one) => error instanceof one);
      expect(matching.map((one) => one.name)).toEqual([error.name]);
    }
  });

  test('nothing that is no error is an instance', () => {
    for (const value of [undefined, null, 0, 'x', {}, [], new Error('x'), { kind: 'http' }]) {
      expect(value instanceof FuselineError).toBe(false);
      expect(value instanceof HttpError).toBe(false);
    }
  });

  test('a subclass of a user’s is one of its own', () => {
    class TeapotError extends HttpError {}
    const teapot = new TeapotError(418, { ...place, method: 'GET', path: '/', body: undefined, headers: {}, retryAfterMs: undefined });
    expect(teapot).toBeInstanceOf(TeapotError);
    expect(teapot).toBeInstanceOf(HttpError);
    expect(teapot).toBeInstanceOf(FuselineError);
    expect(teapot).not.toBeInstanceOf(TimeoutError);
    expect(http).not.toBeInstanceOf(TeapotError);
  });
});

describe('what they say', () => {
  test.each([
    [1_500, 2, "ghl contacts.get: circuit 'ghl' is open, it probes again in 1.5 s; no request was made"],
    [60_000, 60, "ghl contacts.get: circuit 'ghl' is open, it probes again in 60 s; no request was made"],
    [0, 0, "ghl contacts.get: circuit 'ghl' is probing and has no place free; no request was made"],
    [
      Number.POSITIVE_INFINITY,
      Number.POSITIVE_INFINITY,
      "ghl contacts.get: circuit 'ghl' is held open by hand, reset it to let calls through; no request was made",
    ],
  ])('an open circuit, %d ms to go', (retryAfterMs, retryAfter, message) => {
    const error = new CircuitOpenError(place, 'ghl', retryAfterMs);
    expect(error).toMatchObject({ message, retryAfterMs, retryAfter, circuit: 'ghl' });
  });

  test('a timeout of an attempt and of the whole call', () => {
    expect(new TimeoutError(place, 'attempt', 500, 'waiting').message).toBe('ghl contacts.get: no complete answer within 500 ms (waiting)');
    const total = new TimeoutError(place, 'total', 500, 'backoff', { cause: http });
    expect(total.message).toBe('ghl contacts.get: the call did not finish within 500 ms (backoff)');
    expect(total.cause).toBe(http);
    expect(total.toJSON()).toMatchObject({ scope: 'total', timeoutMs: 500, phase: 'backoff' });
  });

  test('a network error keeps its cause and says whether the request may have arrived', () => {
    expect(ALL[3]?.[0].message).toBe('ghl contacts.get: the connection was reset (ECONNRESET)');
    expect(ALL[3]?.[0].cause).toBe(cause);
    expect(new NetworkError(place, 'ECONNREFUSED', false).message).toBe(
      'ghl contacts.get: the connection was refused; nothing was sent (ECONNREFUSED)',
    );
  });

  test('exhausted retries carry each attempt and the last status', () => {
    const error = new RetryExhaustedError(place, 2, [ALL[3]?.[0] as FuselineError, http], http);
    expect(error).toMatchObject({ attempts: 2, lastError: http, cause: http, status: 503 });
    expect(error.errors).toHaveLength(2);
    expect(error.toJSON()['lastError']).toMatchObject({ kind: 'http', status: 503 });
    expect(new RetryExhaustedError(place, 1, [], ALL[2]?.[0] as FuselineError).status).toBeUndefined();
  });

  test('an HTTP error: status, advice, type, request id, hint', () => {
    const of = (status: number, headers: Record<string, string | string[]>): HttpError =>
      new HttpError(status, { ...place, method: 'GET', path: '/c/{id}', body: { a: 1 }, headers, retryAfterMs: 5 });
    expect(of(401, {}).message).toBe('ghl contacts.get: the server answered 401: check the token (GET /c/{id})');
    expect(of(403, {}).message).toContain('lacks a permission');
    expect(of(429, {}).message).toContain('rate limit');
    const error = of(404, { 'content-type': 'application/json; charset=utf-8', 'x-request-id': ['one', 'two'] });
    expect(error).toMatchObject({ status: 404, contentType: 'application/json', requestId: 'one', retryAfterMs: 5, body: { a: 1 } });
    expect(error.headers['content-type']).toContain('charset');
    expect(of(500, { 'x-message-id': 'm', 'request-id': 'r', traceid: 't' }).requestId).toBe('m');
    expect(of(500, { 'request-id': 'r', traceid: 't' }).requestId).toBe('r');
    expect(of(500, { traceid: 't' }).requestId).toBe('t');
    expect(of(500, {}).requestId).toBeUndefined();
  });

  test.each<[unknown, string]>([
    [Number.NaN, 'NaN'],
    ['a "b"\n', '"a \\"b\\"\\n"'],
    ['x'.repeat(100), `"${'x'.repeat(40)}…"`],
    [[1], 'a list'],
    [{ a: 1 }, 'an object'],
    [() => 1, 'a function'],
    [null, 'null'],
    [undefined, 'undefined'],
    [5n, '5'],
    [Symbol('x'), 'Symbol(x)'],
  ])('a configuration error shows %s short and on one line', (found, shown) => {
    expect(new ConfigurationError('option', found, 'something else').message).toBe(`option is ${shown}, expected something else`);
    expect(new ConfigurationError('option', found, 'x', 'Try y').message).toBe(`option is ${shown}, expected x. Try y`);
  });

  test('a place names what is known of it', () => {
    expect(placeName(place)).toBe('ghl contacts.get');
    expect(placeName({ service: 'ghl', operation: undefined })).toBe('ghl');
    expect(placeName({ service: undefined, operation: undefined })).toBe('call');
  });
});

describe('withoutStack', () => {
  test('no frames, and the limit is back even where making fails', () => {
    const limit = Error.stackTraceLimit;
    expect(withoutStack(() => new Error('x')).stack).toBe('Error: x');
    expect(() =>
      withoutStack(() => {
        throw new Error('y');
      }),
    ).toThrow('y');
    expect(Error.stackTraceLimit).toBe(limit);
  });
});
