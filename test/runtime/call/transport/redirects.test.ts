import type { TransportRequest } from 'fuseline';
import { describe, expect, test } from 'vitest';
import { redirected } from '../../../../runtime/call/transport/redirects.js';

const request = (method: string, body: string | null = null, more: Partial<TransportRequest> = {}): TransportRequest => ({
  origin: 'https://api.acme.test',
  path: '/v1/things?limit=5',
  method,
  headers: ['accept', '*/*', 'authorization', 'Bearer t', 'x-api-key', 'k', 'x-tenant', '7', 'cookie', 'a=1', 'content-type', 'text/plain'],
  body,
  ...more,
});

test.each([
  ['GET', 301, 'GET', true],
  ['GET', 302, 'GET', true],
  ['GET', 303, 'GET', false],
  ['HEAD', 303, 'HEAD', false],
  ['POST', 301, 'GET', false],
  ['POST', 302, 'GET', false],
  ['POST', 303, 'GET', false],
  ['POST', 307, 'POST', true],
  ['POST', 308, 'POST', true],
  ['PATCH', 307, 'PATCH', true],
  ['PUT', 301, 'PUT', true],
  ['DELETE', 302, 'DELETE', true],
  ['PUT', 303, 'GET', false],
  ['PATCH', 301, undefined, false],
  ['PATCH', 302, undefined, false],
  ['GET', 300, undefined, false],
  ['GET', 304, undefined, false],
] as const)('%s, %d: %s, with its body: %s', (method, status, expected, keepsBody) => {
  const next = redirected(request(method, 'body'), status, '/elsewhere');
  expect(next?.method).toBe(expected);
  if (next === undefined) return;
  expect(next.body).toBe(keepsBody ? 'body' : null);
  expect(next.headers.includes('content-type')).toBe(keepsBody);
});

describe('the location', () => {
  test.each([
    ['/a?b=1', 'https://api.acme.test', '/a?b=1'],
    ['a', 'https://api.acme.test', '/v1/a'],
    ['?page=2', 'https://api.acme.test', '/v1/things?page=2'],
    ['//other.test', 'https://other.test', '/'],
    ['https://user:pass@other.test:8443/x#part', 'https://other.test:8443', '/x'],
  ])('%s', (location, origin, path) => {
    expect(redirected(request('GET'), 301, location)).toMatchObject({ origin, path });
  });

  test.each(['http://api.acme.test/', 'ftp://other.test/', 'javascript:1', 'https://', 'data:,x'])('%s is not followed', (location) => {
    expect(redirected(request('GET'), 301, location)).toBeUndefined();
  });

  test('from http to https it is followed, as another origin', () => {
    const next = redirected(request('GET', null, { origin: 'http://api.acme.test' }), 301, 'https://api.acme.test/');
    expect(next?.headers).toEqual(['accept', '*/*']);
  });
});

describe('credentials', () => {
  test('stay on their origin, and reach no other, nor another port', () => {
    expect(redirected(request('GET'), 302, '/a')?.headers).toEqual(request('GET').headers.slice(0, 10));
    for (const location of ['https://other.test/', 'https://api.acme.test:444/', 'https://api.acme.test.evil.test/'])
      expect(redirected(request('GET'), 302, location)?.headers).toEqual(['accept', '*/*']);
    expect(redirected(request('POST', 'b'), 307, 'https://other.test/')?.headers).toEqual(['accept', '*/*', 'content-type', 'text/plain']);
  });

  describe('in the query', () => {
    const secretQuery = 'api%20key=s&sig=second%2Fkey%2B1';
    const asked = request('GET', null, { path: `/v1?${secretQuery}`, secretQuery });
    const path = (location: string): string | undefined => redirected(asked, 302, location)?.path;

    test('stay on their origin, and for the redirects after', () => {
      const location = `/v2?page=2&${secretQuery}`;
      expect(redirected(asked, 302, location)).toMatchObject({ path: location, secretQuery });
      expect(redirected(asked, 302, `https://other.test${location}`)).not.toHaveProperty('secretQuery');
    });

    test.each([
      ['each by its name', `/v2?page=2&${secretQuery}`, '/v2?page=2'],
      ['given twice, and in another case', '/v2?API+KEY=s&api%20key=t&Sig=x&sig=y&page=2', '/v2?page=2'],
      ['under another name', '/v2?signature=second%2Fkey%2B1&page=2', '/v2?page=2'],
      ['in an address to return to', `/in?page=2&to=${encodeURIComponent(`https://api.acme.test/v1?${secretQuery}`)}`, '/in?page=2'],
      ['in one within another', `/in?to=${encodeURIComponent(`/a?to=${encodeURIComponent(`/v1?${secretQuery}`)}`)}`, '/in'],
      ['nothing else', '/v2?a=%C3%A4&b=&signal=s', '/v2?a=%C3%A4&b=&signal=s'],
    ])('are taken out of a location elsewhere: %s', (_, location, expected) => {
      expect(path(`https://other.test${location}`)).toBe(expected);
    });

    test('are not followed elsewhere in a path', () => {
      expect(path('https://other.test/signed/second%2Fkey%2B1')).toBeUndefined();
      expect(path('/signed/second%2Fkey%2B1')).toBe('/signed/second%2Fkey%2B1');
    });
  });
});
