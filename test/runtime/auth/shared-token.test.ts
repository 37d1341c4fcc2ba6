import { AsyncLocalStorage } from 'node:async_hooks';
import { sharedToken } from 'fuseline/auth';
import { FakeClock } from 'fuseline/testing';
import { describe, expect, test } from 'vitest';
import { errorOf, getThing, testClient } from '../../support/client.js';
import { answers, InMemory } from '../../support/in-memory.js';
import { withResolvers } from '../../support/with-resolvers.js';

describe('R10 a shared token', () => {
  test('is asked for once by all calls that want it at the moment, in the context of the program', async () => {
    const tenant = new AsyncLocalStorage<string>();
    const found: (string | undefined)[] = [];
    const token = sharedToken(async () => {
      found.push(tenant.getStore());
      await undefined;
      return `token ${found.length}`;
    });
    const vendor = new InMemory(answers(200));
    const client = testClient({ baseUrl: 'http://acme.test', dispatcher: vendor, token });
    const call = (_: unknown, id: number): Promise<unknown> => tenant.run(`tenant ${id}`, () => client.call(getThing, { id }));
    await Promise.all(Array.from({ length: 50 }, call));
    expect(found).toEqual([undefined]);
    await call(undefined, 1);
    expect(found).toHaveLength(2);
  });

  test('a function of the user`s own is asked by each call: it may read the context', async () => {
    const tenant = new AsyncLocalStorage<string>();
    const vendor = new InMemory(answers(200));
    const client = testClient({ baseUrl: 'http://acme.test', dispatcher: vendor, token: async () => `of ${tenant.getStore()}` });
    await Promise.all(['ana', 'bob'].map((name) => tenant.run(name, () => client.call(getThing, { id: name }))));
    expect(vendor.requests.map((_, at) => vendor.header('authorization', at))).toEqual(['Bearer of ana', 'Bearer of bob']);
  });

  test('is kept for as long as it is told, and fetched again after a 401', async () => {
    const clock = new FakeClock();
    let asked = 0;
    const token = sharedToken(() => `token ${++asked}`, { keepMs: 10_000, clock });
    expect(await token.get()).toBe('token 1');
    await clock.advance(9_999);
    expect(token.get()).toBe('token 1');
    await clock.advance(1);
    expect(await token.get()).toBe('token 2');
    await clock.advance(5_000);
    expect([token.rejected('token 2'), token.rejected('token 2')]).toEqual([true, true]);
    expect(await token.get()).toBe('token 3');
    expect(token.rejected('token 2')).toBe(true);
  });

  test('is not fetched again a moment after it was, and less and less often if that does not help', async () => {
    const clock = new FakeClock();
    let asked = 0;
    const token = sharedToken(() => `token ${++asked}`, { keepMs: 100_000, clock });
    await token.get();
    const waits = [5_000, 10_000, 20_000, 40_000];
    for (const [at, wait] of waits.entries()) {
      await clock.advance(wait - 1);
      expect(token.rejected(`token ${at + 1}`)).toBe(false);
      await clock.advance(1);
      expect(token.rejected(`token ${at + 1}`)).toBe(true);
      await token.get();
    }
    // A token that lives until its end begins anew.
    await clock.advance(100_000);
    await token.get();
    await clock.advance(5_000);
    expect(token.rejected('token 6')).toBe(true);
  });

  test('for an operation that always answers 401 costs one request a call', async () => {
    const clock = new FakeClock();
    let asked = 0;
    const token = sharedToken(() => `token ${++asked}`, { keepMs: 100_000, clock });
    const vendor = new InMemory(answers(401));
    const client = testClient({ baseUrl: 'http://acme.test', dispatcher: vendor, token, clock });
    for (let id = 0; id < 30; id++) await errorOf(client.call(getThing, { id }));
    expect([vendor.requests.length, asked]).toEqual([30, 1]);
  });

  test('that is refused while the next one is fetched is replaced by that', async () => {
    const clock = new FakeClock();
    const next = withResolvers<string>();
    let asked = 0;
    const token = sharedToken(() => (++asked === 1 ? 'first' : next.promise), { keepMs: 1_000, clock });
    await token.get();
    await clock.advance(1_000);
    const fetched = token.get();
    expect(token.rejected('first')).toBe(true);
    next.resolve('second');
    expect(await fetched).toBe('second');
  });

  test.each([[''], [' '], [undefined]])('is not kept if the function gives %j', async (nothing) => {
    const given = [nothing as string, 'token'];
    const token = sharedToken(() => given.shift() ?? (undefined as never), { keepMs: 1_000 });
    expect(await token.get()).toBe(nothing);
    expect(await token.get()).toBe('token');
  });

  test('that is not kept is final after a 401', () => {
    expect(sharedToken(() => 'token').rejected('token')).toBe(false);
  });

  test('that fails is asked for again by the next call', async () => {
    let down = true;
    const token = sharedToken(() => (down ? (JSON.parse('{') as string) : 'token'));
    expect(await errorOf(Promise.resolve(token.get()))).toBeInstanceOf(SyntaxError);
    down = false;
    expect(await token.get()).toBe('token');
  });

  test('whose function never answers ends at its limit, and the next call runs the function again', async () => {
    const clock = new FakeClock();
    let asked = 0;
    const token = sharedToken(() => (++asked === 1 ? new Promise<string>(() => undefined) : 'token'), { clock, keepMs: 60_000 });
    const vendor = new InMemory(answers(200));
    const client = testClient({ baseUrl: 'http://acme.test', dispatcher: vendor, token, clock, totalTimeoutMs: 60_000 });
    const hasty = errorOf(client.call(getThing, { id: 1 }, { timeoutMs: 100, totalTimeoutMs: 100 }));
    const patient = errorOf(client.call(getThing, { id: 1 }));
    await clock.advance(9_999);
    expect(await hasty).toMatchObject({ kind: 'timeout', phase: 'preparing' });
    expect(asked).toBe(1);
    await clock.advance(1);
    expect(await patient).toMatchObject({
      kind: 'sign_in',
      reason: 'token_function',
      message: expect.stringContaining('acme things.get: the token function did not answer within 10000 ms'),
    });
    await client.call(getThing, { id: 1 });
    expect(asked).toBe(2);
    expect(vendor.header('authorization')).toBe('Bearer token');
  });

  test('that comes after the limit is not used', async () => {
    const clock = new FakeClock();
    const late = withResolvers<string>();
    let asked = 0;
    const token = sharedToken(() => (++asked === 1 ? late.promise : 'second'), { clock, keepMs: 60_000, timeoutMs: 50 });
    const failed = errorOf(Promise.resolve(token.get()));
    await clock.advance(50);
    expect(await failed).toMatchObject({ message: expect.stringContaining('within 50 ms') });
    late.resolve('first');
    await clock.advance(0);
    expect(await token.get()).toBe('second');
    expect(clock.pendingTimers).toBe(0);
  });

  test.each([
    [() => sharedToken('token' as never), 'fetchToken is "token", expected a function'],
    [() => sharedToken(() => 't', { keepMs: -1 }), 'keepMs is -1'],
    [() => sharedToken(() => 't', { timeoutMs: 0 }), 'timeoutMs is 0'],
    [() => sharedToken(() => 't', { keep: 1 } as never), 'Did you mean keepMs?'],
  ])('refuses what cannot work', (make, message) => {
    expect(make).toThrow(message);
  });
});
