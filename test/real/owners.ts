import type { ServerResponse } from 'node:http';
import { expect } from 'vitest';
import { json, type Loopback, type Seen } from '../support/loopback.js';

type Answers = (response: ServerResponse, seen: Seen) => void;

/** Answers with the tenant whose path was asked for. */
export const answerOwner: Answers = (response, seen) => json({ tenant: seen.url.split('/').at(-1) })(response, seen);

/** Answers the first requests of each path with `first`, and later ones well. */
export function failFirst(server: Loopback, ...first: readonly Answers[]): void {
  const counts = new Map<string, number>();
  server.answer((response, seen) => {
    const count = counts.get(seen.url) ?? 0;
    counts.set(seen.url, count + 1);
    (first[count] ?? answerOwner)(response, seen);
  });
}

/** Every request carried the token and the header of the tenant whose path it asked for. */
export function expectOwnCredentials(server: Loopback): void {
  const strangers = server.requests
    .map(({ url, headers }) => ({ owner: url.split('/').at(-1), token: headers.authorization, header: headers['x-tenant'] }))
    .filter(({ owner, token, header }) => token !== `Bearer tok-${owner}` || header !== owner);
  expect(strangers).toEqual([]);
}
