import { expect, test } from 'vitest';
import { HttpError } from '../../../runtime/errors/http-error.js';

test.each([
  ['file:///etc/passwd', 'a location that is not http or https'],
  ['data:text/plain,secret', 'a location that is not http or https'],
  ['app://secret/path', 'a location that is not http or https'],
  ['https://a.test/secret', 'https://a.test'],
  ['/secret', 'another path of the same origin'],
])('a redirect to %s names %s', (location, where) => {
  const error = new HttpError(302, {
    service: 'acme',
    operation: 'things.get',
    method: 'GET',
    path: '/x',
    body: undefined,
    headers: { location },
    retryAfterMs: undefined,
  });
  expect(error.message).toContain(`: a redirect to ${where}, which was not followed`);
  expect(error.message).not.toContain('secret');
});
