import { expect, test } from 'vitest';
import { CircuitOpenError, NetworkError, TimeoutError } from '../../../runtime/errors/call-errors.js';
import { causeOf } from '../../../runtime/errors/cause.js';
import { HttpError } from '../../../runtime/errors/http-error.js';

const place = { service: 'ghl', operation: 'contacts.get' };

test('a cause is a short name, and never text of a server', () => {
  const secret = 'token=abc';
  const http = new HttpError(503, { ...place, method: 'GET', path: '/x', body: secret, headers: { 'x-secret': secret }, retryAfterMs: 5 });
  const network = new NetworkError(place, secret, false, { cause: new Error(secret) });
  const errors = [http, network, new TimeoutError(place, 'total', 5, 'body'), new CircuitOpenError(place, 'ghl', 5)];
  expect(errors.map(causeOf)).toEqual(['http_503', 'network', 'timeout', 'circuit_open']);
});

test('connections that failed, and attempts that took too long, say how', () => {
  for (const [code, cause] of [
    ['ECONNREFUSED', 'refused'],
    ['ENOTFOUND', 'dns'],
    ['CERT_HAS_EXPIRED', 'tls'],
    ['UND_ERR_SOCKET', 'reset'],
  ] as const)
    expect(causeOf(new NetworkError(place, code, false))).toBe(cause);
  for (const [phase, cause] of [
    ['connection', 'local'],
    ['connecting', 'connect_timeout'],
    ['waiting', 'timeout'],
    ['body', 'body_timeout'],
  ] as const)
    expect(causeOf(new TimeoutError(place, 'attempt', 5, phase))).toBe(cause);
});

test('an error of an older copy of the package keeps its kind', () => {
  const old = new NetworkError(place, 'ECONNREFUSED', false);
  Object.defineProperty(old, 'fault', { value: undefined });
  expect(causeOf(old)).toBe('network');
});
