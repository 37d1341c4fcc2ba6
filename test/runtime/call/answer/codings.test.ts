import { describe, expect, test } from 'vitest';
import { acceptedCodings, codingsOf, decodableCodings } from '../../../../runtime/call/answer/codings.js';

describe('codingsOf', () => {
  test.each([
    ['gzip', ['gzip']],
    [' GZip ', ['gzip']],
    ['x-gzip', ['gzip']],
    ['deflate', ['deflate']],
    ['br', ['br']],
    ['identity', []],
    ['', []],
    [' , ,', []],
    ['utf-8', []],
    ['gzip, br', ['br', 'gzip']],
    ['deflate,identity,gzip', ['gzip', 'deflate']],
    [
      ['gzip', 'br'],
      ['br', 'gzip'],
    ],
    ['gzip, gzip, gzip, gzip, gzip', ['gzip', 'gzip', 'gzip', 'gzip', 'gzip']],
  ] as const)('%j: undone in the reverse order', (header, expected) => {
    expect(codingsOf(header, false)).toEqual(expected);
  });

  test.each([
    ['compress', 'compress'],
    ['gzip, foo', 'foo'],
    ['dcb', 'dcb'],
    ['gzip, gzip, gzip, gzip, gzip, gzip', 'more than 5 codings'],
    ['a secret of the server', 'unreadable'],
    ['x'.repeat(50), 'unreadable'],
  ])('%j is unknown', (header, unknown) => {
    expect(codingsOf(header, false)).toEqual({ unknown });
  });

  test('nothing is left to undo where the transport has decoded, except what no transport knows', () => {
    expect(codingsOf('gzip, br', true)).toEqual([]);
    expect(codingsOf('foo', true)).toEqual({ unknown: 'foo' });
  });
});

test('asks for what this Node can undo', () => {
  const zstd = 'zstd' in (process.versions as object);
  expect(acceptedCodings()).toBe(decodableCodings().join(', '));
  expect(decodableCodings().slice(0, 3)).toEqual(['gzip', 'deflate', 'br']);
  if (!zstd) expect(codingsOf('zstd', false)).toEqual(decodableCodings().includes('zstd') ? ['zstd'] : { unknown: 'zstd' });
});
