import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { canary, search } from './canary.js';

const secret = canary('one');
const NAMES = ['one', 'two'];

/** What a leak may look like. */
const LEAKS: readonly (readonly [string, string])[] = [
  ['as it is', `authorization: ${secret}`],
  ['cut short', `token is "${secret.slice(0, 14)}…"`],
  ['only its end', `…${secret.slice(-13)}`],
  ['in capitals', secret.toUpperCase()],
  ['as JSON in JSON', JSON.stringify({ text: JSON.stringify({ secret }) })],
  ['URL-encoded', encodeURIComponent(secret)],
  ['URL-encoded twice', encodeURIComponent(encodeURIComponent(secret))],
  ['every byte percent-encoded', [...Buffer.from(secret)].map((byte) => `%${byte.toString(16)}`).join('')],
  ['as a form writes it', String(new URLSearchParams({ secret }))],
  ['with Unicode escapes', [...secret].map((char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')],
  ['with HTML entities', [...secret].map((char) => `&#${char.charCodeAt(0)};`).join('')],
  ['in hex', Buffer.from(secret).toString('hex')],
  ['as an inspected buffer', inspect(Buffer.from(secret))],
  ['as inspected bytes', inspect(new Uint8Array(Buffer.from(secret)), { maxArrayLength: null })],
  ['as bytes in JSON', JSON.stringify(Buffer.from(secret))],
  ['as indented bytes in JSON', JSON.stringify(Buffer.from(secret), undefined, 2)],
  ['in base64url', Buffer.from(`{"a":"${secret}"}`).toString('base64url')],
  ['in base64 of several lines', Buffer.from(`some words, then ${secret}, then more`).toString('base64').replace(/.{30}/g, '$&\r\n')],
  ['in quoted-printable', `a line =\r\n${secret.slice(0, 6)}=\r\n${secret.slice(6)}`],
  ...['a', 'ab', 'abc'].map(
    (user) => [`as Basic credentials of ${user}`, `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`] as const,
  ),
  ['as Basic credentials, as the user', `Basic ${Buffer.from(`${secret}:password`).toString('base64')}`],
];

describe('what searches for secrets', () => {
  it.each(LEAKS)('finds one that is written %s', (_, text) => {
    expect([...search(text, NAMES).keys()]).toEqual(['one']);
  });

  it('finds nothing where there is nothing, and nothing of another secret', () => {
    const text = ['some words', canary('three'), Buffer.from(canary('three')).toString('base64')].join('\n');
    expect([...search(text, NAMES).keys()]).toEqual([]);
  });

  it('gives each its own', () => {
    expect(new Set(Array.from({ length: 100 }, (_, at) => canary(`name ${at}`))).size).toBe(100);
  });
});
