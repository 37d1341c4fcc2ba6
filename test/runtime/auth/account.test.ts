import { AsyncLocalStorage } from 'node:async_hooks';
import { inspect } from 'node:util';
import { beforeEach, describe, expect, test } from 'vitest';
import { errorOf, getThing, testClient } from '../../support/client.js';
import { answers, InMemory, type Reaction } from '../../support/in-memory.js';
import { withResolvers } from '../../support/with-resolvers.js';
import { SignInWorld, WatchedStore } from './fixture.js';

let world: SignInWorld;

beforeEach(() => {
  world = new SignInWorld();
});

describe('a token', () => {
  test('is asked for once by all callers, and then kept', async () => {
    const auth = world.sign();
    const asked = Array.from({ length: 40 }, () => auth.get());
    expect(new Set(await Promise.all(asked))).toEqual(new Set(['access 1']));
    expect(auth.get()).toBe('access 1');
    expect(world.forms).toEqual([{ grant_type: 'refresh_token', refresh_token: 'refresh 0' }]);
    expect(world.endpoint.header('authorization')).toBe(`Basic ${Buffer.from('app:hush').toString('base64')}`);
    expect(world.told).toMatchObject([{ type: 'token_refreshed', service: 'sign-in', circuit: 'sign-in@login.test' }]);
    expect(auth.status()).toEqual({
      account: '',
      state: 'valid',
      expiresInMs: 3_600_000,
      refreshed: 1,
      adopted: 0,
      failed: 0,
      failures: 0,
    });
  });

  test('is renewed early beside the calls, with the refresh token that came last', async () => {
    const auth = world.sign({ earlyRefreshMs: 60_000 });
    await auth.get();
    // Half of the way between once and twice a minute before its end.
    await world.clock.advance(3_600_000 - 90_000 - 1);
    expect(auth.get()).toBe('access 1');
    expect(world.given).toBe(1);
    await world.clock.advance(1);
    expect([auth.get(), auth.get()]).toEqual(['access 1', 'access 1']);
    await world.clock.advance(0);
    expect(auth.get()).toBe('access 2');
    expect(world.forms.map((form) => form['refresh_token'])).toEqual(['refresh 0', 'refresh 1']);
  });

  test('that ends soon is renewed in its last quarter', async () => {
    world.expiresIn = 20;
    const auth = world.sign();
    await auth.get();
    await world.clock.advance(14_999);
    auth.get();
    await world.clock.advance(0);
    expect(world.given).toBe(1);
    await world.clock.advance(1);
    auth.get();
    await world.clock.advance(0);
    expect(world.given).toBe(2);
  });

  test.each([
    ['0', () => 0],
    ['less than 0', () => -5],
    ['half a second', () => 0.5],
    ['the whole seconds that the same token has left', (passedMs: number) => Math.max(0, Math.floor((6_000 - passedMs) / 1_000))],
    ['all that the same token has left', (passedMs: number) => Math.max(0, (6_000 - passedMs) / 1_000)],
  ])('whose expires_in says %s costs at most one renewal per second', async (_, secondsLeft) => {
    const startedAt = world.clock.now();
    const asked: number[] = [];
    world.endpoint.react((...given) => {
      const passedMs = world.clock.now() - startedAt;
      asked.push(passedMs);
      answers(200, { access_token: 'same', expires_in: secondsLeft(passedMs) })(...given);
    });
    const auth = world.sign({ grant: 'client_credentials', refreshToken: undefined });
    for (let turn = 0; turn < 700; turn++) {
      expect(await auth.get()).toBe('same');
      await world.clock.advance(10);
    }
    expect(asked.length).toBeGreaterThan(1);
    expect(asked.slice(1).every((at, index) => at - (asked[index] ?? 0) >= 1_000)).toBe(true);
  });

  test('that has ended is waited for', async () => {
    const auth = world.sign();
    await auth.get();
    world.clock.jump(3_600_000);
    expect(auth.status().state).toBe('expired');
    expect(await auth.get()).toBe('access 2');
  });

  test('without an end is used until the server refuses it', async () => {
    world.expiresIn = undefined;
    const auth = world.sign();
    await auth.get();
    world.clock.jump(1e12);
    expect(auth.get()).toBe('access 1');
    expect(auth.status().expiresInMs).toBeNull();
  });

  test('does not move with the wall clock', async () => {
    const auth = world.sign();
    await auth.get();
    world.clock.stepWall(1e9);
    expect(auth.get()).toBe('access 1');
  });

  test('of the client itself needs no refresh token', async () => {
    const auth = world.sign({
      grant: 'client_credentials',
      refreshToken: undefined,
      clientAuth: 'body',
      scope: 'a b',
      params: { audience: 'api' },
    });
    expect(await auth.get()).toBe('access 1');
    expect(world.forms).toEqual([
      { grant_type: 'client_credentials', scope: 'a b', audience: 'api', client_id: 'app', client_secret: 'hush' },
    ]);
    expect(world.endpoint.header('authorization')).toBeUndefined();
  });

  test.each([
    ['text/html', 'text/html'],
    ['no type', undefined],
  ])('is read from JSON that comes as %s, which was asked for', async (_, type) => {
    world.first.push(answers(200, '{"access_token": "found"}', type === undefined ? {} : { 'content-type': type }));
    expect(await world.sign().get()).toBe('found');
    expect(world.endpoint.header('accept')).toBe('application/json');
  });

  test('whose end is too far away for a date is used until the server refuses it', async () => {
    world.expiresIn = 1e308;
    const auth = world.sign();
    await auth.get();
    expect(await world.store.load('')).toMatchObject({ accessToken: 'access 1', expiresAt: undefined });
    expect(auth.status().expiresInMs).toBeNull();
  });

  test('is shown nowhere', async () => {
    const auth = world.sign({ refreshToken: 'refresh 0' });
    await auth.get();
    const shown = `${inspect(auth, { depth: 9, showHidden: true })} ${JSON.stringify(auth)} ${String(auth)} ${JSON.stringify(world.events)}`;
    for (const secret of ['access 1', 'refresh 0', 'refresh 1', 'hush']) expect(shown).not.toContain(secret);
  });
});

describe('a token that the service refused', () => {
  test('is renewed once, whoever says so', async () => {
    const auth = world.sign();
    await auth.get();
    await world.clock.advance(10_000);
    expect([auth.rejected('access 1'), auth.rejected('access 1')]).toEqual([true, true]);
    expect(await Promise.all([auth.get(), auth.get()])).toEqual(['access 2', 'access 2']);
    expect(auth.rejected('access 1')).toBe(true);
    expect(world.given).toBe(2);
  });

  test('is not renewed a moment after it was given, and less and less often if renewing does not help', async () => {
    const auth = world.sign();
    /** The service refuses every token, once a second. */
    const renewals: number[] = [];
    await auth.get();
    for (let second = 1; second <= 60; second++) {
      await world.clock.advance(1_000);
      if (auth.rejected(String(await auth.get()))) renewals.push(second);
    }
    expect(renewals).toEqual([5, 16, 37]);
  });

  test('in the store is renewed at once: another process may have got it long ago', async () => {
    await world.store.save('', { accessToken: 'stale', refreshToken: 'refresh 0' });
    const auth = world.sign();
    expect(await auth.get()).toBe('stale');
    expect(auth.rejected('stale')).toBe(true);
    expect(await auth.get()).toBe('access 1');
  });

  test('while its renewal is under way waits for it, however young the token is, and the call is repeated once', async () => {
    world.expiresIn = 4;
    const auth = world.sign();
    await auth.get();
    await world.clock.advance(3_200);
    const renewal = withResolvers<void>();
    world.first.push((...given) => void renewal.promise.then(() => answers(200, { access_token: 'fresh', refresh_token: 'r' })(...given)));
    const stale: Parameters<Reaction>[] = [];
    const vendor: InMemory = new InMemory((...given) => {
      if (vendor.requests.length > 3) answers(200, { from: 'vendor' })(...given);
      else stale.push(given);
    });
    const client = testClient({ baseUrl: 'http://acme.test', dispatcher: vendor, clock: world.clock, token: auth });
    const calls = Promise.all([1, 2, 3].map((id) => client.call(getThing, { id }).result()));
    await world.clock.advance(200);
    for (const given of stale) answers(401)(...given);
    await world.clock.advance(200);
    // None has gone out again before there is a token.
    expect(vendor.requests).toHaveLength(3);
    renewal.resolve();
    expect(await calls).toMatchObject([{ ok: true }, { ok: true }, { ok: true }]);
    expect(vendor.requests.map((_, at) => vendor.header('authorization', at))).toEqual([
      ...Array.from({ length: 3 }, () => 'Bearer access 1'),
      ...Array.from({ length: 3 }, () => 'Bearer fresh'),
    ]);
    expect(world.forms).toHaveLength(2);
  });

  test('is used on by the others until it ends, if its renewal fails', async () => {
    world.expiresIn = 4;
    const auth = world.sign();
    await auth.get();
    await world.clock.advance(3_200);
    world.endpoint.react(answers(503));
    expect(auth.get()).toBe('access 1');
    expect(auth.rejected('access 1')).toBe(true);
    // The refused call learns that there is no other token.
    expect(await errorOf(Promise.resolve(auth.get()))).toMatchObject({ reason: 'unavailable' });
    expect(auth.get()).toBe('access 1');
    expect(auth.rejected('access 1')).toBe(false);
    expect(world.forms).toHaveLength(2);
  });

  test('is final without a refresh token', async () => {
    await world.store.save('', { accessToken: 'fixed' });
    const auth = world.sign({ refreshToken: undefined });
    await auth.get();
    expect(auth.rejected('fixed')).toBe(false);
  });

  test('costs a call one repeat', async () => {
    const vendor = new InMemory(answers(401), answers(200, { from: 'vendor' }));
    await world.store.save('', { accessToken: 'stale', refreshToken: 'refresh 0' });
    const client = testClient({ baseUrl: 'http://acme.test', dispatcher: vendor, clock: world.clock, token: world.sign() });
    const calls = await Promise.all([client.call(getThing, { id: 1 }).result(), client.call(getThing, { id: 2 }).result()]);
    expect(calls).toMatchObject([{ ok: true }, { ok: true }]);
    expect(vendor.header('authorization', 0)).toBe('Bearer stale');
    expect(vendor.header('authorization')).toBe('Bearer access 1');
    expect(world.given).toBe(1);
  });
});

describe('a caller', () => {
  test('that leaves does not end the renewal for the others', async () => {
    world.first.push((handler, request, controller) => {
      setImmediate(() => answers(200, { access_token: 'late', refresh_token: 'r', expires_in: 60 })(handler, request, controller));
    });
    const auth = world.sign();
    const vendor = new InMemory(answers(200, { from: 'vendor' }));
    const client = testClient({ baseUrl: 'http://acme.test', dispatcher: vendor, clock: world.clock, token: auth });
    const aborter = new AbortController();
    const left = errorOf(client.call(getThing, { id: 1 }, { signal: aborter.signal }));
    const stays = client.call(getThing, { id: 2 });
    aborter.abort('gone');
    expect(await left).toBe('gone');
    expect(await stays).toEqual({ from: 'vendor' });
    expect(vendor.requests).toHaveLength(1);
  });

  test('lends its context to no renewal', async () => {
    const tenant = new AsyncLocalStorage<string>();
    const found: (string | undefined)[] = [];
    const store = new WatchedStore();
    world = new SignInWorld({
      load: (account) => {
        found.push(tenant.getStore());
        return store.load(account);
      },
      save: (account, tokens) => {
        found.push(tenant.getStore());
        return store.save(account, tokens);
      },
    });
    world.first.push((...given) => {
      found.push(tenant.getStore());
      answers(200, { access_token: 'a', refresh_token: 'r' })(...given);
    });
    const auth = tenant.run('the program', () => world.sign());
    expect(await tenant.run('ana', () => auth.get())).toBe('a');
    // The store gives the same tokens to everyone.
    expect(await tenant.run('bob', () => auth.for('bob').get())).toBe('a');
    expect(found).toEqual(['the program', 'the program', 'the program', 'the program']);
  });
});

describe('accounts', () => {
  test('have tokens, stored names and failures of their own', async () => {
    const auth = world.sign({ refreshToken: undefined });
    expect(auth.for('ana')).toBe(auth.for('ana'));
    await auth.for('ana').save({ refreshToken: 'refresh 0' });
    expect(await auth.for('ana').get()).toBe('access 1');
    expect(await errorOf(Promise.resolve(auth.for('bob').get()))).toMatchObject({
      reason: 'store',
      message: expect.stringContaining('no refresh token'),
    });
    expect(await world.store.load('ana')).toMatchObject({ accessToken: 'access 1', refreshToken: 'refresh 1' });
    expect(await world.store.load('bob')).toBeUndefined();
    expect(world.told).toMatchObject([
      { type: 'token_refreshed', account: 'ana' },
      { type: 'token_refresh_failed', account: 'bob', reason: 'store' },
    ]);
    expect(() => auth.for('')).toThrow('account is "", expected a name');
  });

  test('of a client for all tenants are those of the contexts of its calls', async () => {
    const tenant = new AsyncLocalStorage<string>();
    const nameOf = (): string => tenant.getStore() ?? 'nobody';
    for (const name of ['ana', 'bob']) await world.store.save(name, { accessToken: `of ${name}` });
    const vendor = new InMemory(answers(200));
    const client = testClient({ baseUrl: 'http://acme.test', dispatcher: vendor, token: world.sign().forEach(nameOf), identity: nameOf });
    await Promise.all(['ana', 'bob', 'ana'].map((name) => tenant.run(name, () => client.call(getThing, { id: name }))));
    const sent = vendor.requests.map(({ path }, at) => [path, vendor.header('authorization', at)]);
    expect(sent.sort()).toEqual([
      ['/things/ana', 'Bearer of ana'],
      ['/things/ana', 'Bearer of ana'],
      ['/things/bob', 'Bearer of bob'],
    ]);
  });
});
