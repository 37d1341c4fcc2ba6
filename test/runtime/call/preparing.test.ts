import { FakeClock } from 'fuseline/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { errorOf, getThing, testClient } from '../../support/client.js';
import { Loopback } from '../../support/loopback.js';
import { withResolvers } from '../../support/with-resolvers.js';

let server: Loopback;
let clock: FakeClock;

beforeEach(async () => {
  server = await Loopback.start();
  clock = new FakeClock();
});

afterEach(() => server.stop());

describe('while the token is fetched', () => {
  test('A26 an abort ends the call at once; a token that comes later sends nothing', async () => {
    const token = withResolvers<string>();
    const aborter = new AbortController();
    const acme = testClient({ baseUrl: server.origin, clock, token: () => token.promise });
    const failed = errorOf(acme.call(getThing, { id: 1 }, { signal: aborter.signal }));
    aborter.abort('gone');
    expect(await failed).toBe('gone');
    token.resolve('late');
    await clock.advance(0);
    expect(server.requests).toHaveLength(0);
    expect(acme.breaker('things.get').snapshot().stats.totalRequests).toBe(0);
  });

  test('A35 a token that fails after the abort is nobody`s unhandled rejection', async () => {
    const token = withResolvers<string>();
    const acme = testClient({ baseUrl: server.origin, clock, token: () => token.promise });
    const aborter = new AbortController();
    const failed = errorOf(acme.call(getThing, { id: 1 }, { signal: aborter.signal }));
    aborter.abort('gone');
    expect(await failed).toBe('gone');
    token.reject(new Error('no token'));
    await clock.advance(0);
  });

  test('the total deadline covers a token that never comes', async () => {
    const acme = testClient({
      baseUrl: server.origin,
      clock,
      token: () => new Promise<string>(() => undefined),
      timeoutMs: 500,
      totalTimeoutMs: 1_000,
    });
    const failed = errorOf(acme.call(getThing, { id: 1 }));
    await clock.advance(1_000);
    expect(await failed).toMatchObject({ kind: 'timeout', scope: 'total', phase: 'preparing', timeoutMs: 1_000 });
    expect(acme.breaker('things.get').snapshot().stats.totalRequests).toBe(0);
  });

  test('a token that comes while the fallback is at work sends nothing more', async () => {
    const token = withResolvers<string>();
    const answer = withResolvers<unknown>();
    const acme = testClient({ baseUrl: server.origin, clock, token: () => token.promise, timeoutMs: 500, totalTimeoutMs: 1_000 });
    const call = acme.call(getThing, { id: 1 }, { fallback: () => answer.promise });
    await clock.advance(1_000);
    token.resolve('late');
    await clock.advance(0);
    answer.resolve('from the fallback');
    expect(await call).toBe('from the fallback');
    expect(server.requests).toHaveLength(0);
  });

  test('a token that fails while the fallback is at work does not take its place', async () => {
    const token = withResolvers<string>();
    const answer = withResolvers<unknown>();
    const acme = testClient({ baseUrl: server.origin, clock, token: () => token.promise, timeoutMs: 500, totalTimeoutMs: 1_000 });
    const call = acme.call(getThing, { id: 1 }, { fallback: () => answer.promise });
    await clock.advance(1_000);
    token.reject(new Error('too late'));
    await clock.advance(0);
    answer.resolve('from the fallback');
    expect(await call).toBe('from the fallback');
  });
});
