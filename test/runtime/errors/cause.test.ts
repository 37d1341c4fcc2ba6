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
