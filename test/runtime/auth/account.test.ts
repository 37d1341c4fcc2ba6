import { AsyncLocalStorage } from 'node:async_hooks';
import { inspect } from 'node:util';
import { SignInError } from 'fuseline/auth';
import { beforeEach, describe, expect, test } from 'vitest';
import { errorOf, getThing, testClient } from '../../support/client.js';
import { answers, breaks, InMemory, neverConnects, type Reaction, socketError, waits } from '../../support/in-memory.js';
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

describe('a sign-in that fails', () => {
  const reasonOf = async (asked: Promise<unknown> | string): Promise<unknown> =>
    ((await errorOf(Promise.resolve(asked))) as SignInError).reason;

  test('for good says what to do, and asks the server no more until there are other tokens', async () => {
    world.valid = 'another';
    const auth = world.sign();
    const error = await errorOf(Promise.resolve(auth.get()));
    expect(error).toBeInstanceOf(SignInError);
    expect(error).toMatchObject({ reason: 'expired', message: expect.stringContaining('(invalid_grant): sign in again') });
    for (let turn = 0; turn < 20; turn++) {
      await world.clock.advance(60_000);
      expect(await reasonOf(auth.get())).toBe('expired');
    }
    expect(world.forms).toHaveLength(1);
    await auth.save({ refreshToken: 'another' });
    expect(await auth.get()).toBe('access 1');
    expect(auth.status()).toMatchObject({ failures: 0, refreshed: 1 });
  });

  test.each([
    ['refused', answers(401, { error: 'invalid_client' })],
    ['refused', answers(400, { error: 'secret words of the server' })],
    ['refused', answers(200, { error: 'invalid_scope' })],
    ['unusable', answers(200, { token: 'misplaced' })],
    ['unavailable', answers(503)],
    ['unavailable', answers(429)],
    ['unusable', answers(200, '<html>', { 'content-type': 'text/html' })],
    ['unusable', answers(200, 'access_token=misplaced&expires_in=3600', { 'content-type': 'application/x-www-form-urlencoded' })],
    ['unusable', answers(200, '')],
    ['unusable', answers(200, '{"access_token": "misplaced', { 'content-type': 'application/json' })],
    ['unusable', answers(204)],
    ['unusable', answers(200, 'misplaced', { 'content-encoding': 'of no kind' })],
    ['unavailable', answers(200, 'misplaced', { 'content-encoding': 'gzip' })],
    ['unavailable', breaks(socketError('ECONNRESET'))],
  ])('is %s', async (reason, reaction) => {
    world.first.push(reaction);
    const auth = world.sign();
    const error = (await errorOf(Promise.resolve(auth.get()))) as SignInError;
    expect(error.reason).toBe(reason);
    expect(`${error.message} ${JSON.stringify(error)} ${inspect(error, { depth: 9 })}`).not.toMatch(
      /secret words|refresh 0|hush|misplaced/,
    );
    expect(world.told).toMatchObject([{ type: 'token_refresh_failed', reason, failures: 1, early: false }]);
    // A request with a refresh token that may have reached the server is not repeated.
    expect(world.forms).toHaveLength(1);
  });

  test('because a page answers says so each time: the request is not repeated, and the circuit stays closed', async () => {
    world.endpoint.react(answers(200, '<html>', { 'content-type': 'text/html' }));
    const auth = world.sign({ grant: 'client_credentials', refreshToken: undefined });
    for (let turn = 1; turn <= 5; turn++) {
      expect(await errorOf(Promise.resolve(auth.get()))).toMatchObject({
        reason: 'unusable',
        message: expect.stringContaining('check tokenUrl'),
      });
      expect(world.forms).toHaveLength(turn);
      await world.clock.advance(30_000);
    }
  });

  test('sends a refresh token again only if provably nothing was sent', async () => {
    world.first.push(neverConnects(socketError('ECONNREFUSED')));
    const asked = world.sign().get();
    await world.clock.advance(1_000);
    expect(await asked).toBe('access 1');
    expect(world.forms).toHaveLength(2);
  });

  test('for client credentials is repeated', async () => {
    world.first.push(answers(503), breaks(socketError('ECONNRESET')));
    const asked = world.sign({ grant: 'client_credentials' }).get();
    await world.clock.advance(5_000);
    expect(await asked).toBe('access 1');
  });

  test('is not asked again at once by the callers that follow, and not at all while its circuit is open', async () => {
    const auth = world.sign();
    world.endpoint.react(answers(503));
    let asked = 0;
    for (let turn = 0; turn < 100; turn++) {
      if ((await reasonOf(auth.get())) === 'unavailable') asked++;
      await world.clock.advance(100);
    }
    expect(asked).toBe(100);
    // Three failures open the circuit for ten seconds.
    expect(world.forms).toHaveLength(3);
    expect(world.events).toContainEqual(expect.objectContaining({ type: 'circuit_opened', service: 'sign-in' }));
  });

  test.each([
    ['429', 30, 30_000],
    ['503', 30, 30_000],
    ['400', 30, 30_000],
    ['429 and a day', 86_400, 300_000],
    ['429 and no time', 0, 250],
  ])('is asked again after its Retry-After, at most five minutes: %s', async (status, seconds, waitMs) => {
    world.first.push(answers(Number.parseInt(status, 10), {}, { 'retry-after': String(seconds) }));
    const auth = world.sign();
    const startedAt = world.clock.now();
    // The calls fail meanwhile without a wait.
    const fails = async (): Promise<boolean> => {
      try {
        await auth.get();
        return false;
      } catch {
        return true;
      }
    };
    while (await fails()) await world.clock.advance(50);
    expect(world.clock.now() - startedAt).toBe(waitMs);
    expect(world.forms).toHaveLength(2);
  });

  test('after several attempts is asked again after the Retry-After of the last', async () => {
    world.endpoint.react(answers(503, {}, { 'retry-after': '1' }), answers(503, {}, { 'retry-after': '40' }));
    const auth = world.sign({ grant: 'client_credentials', refreshToken: undefined });
    const failed = reasonOf(auth.get());
    await world.clock.advance(2_000);
    expect(await failed).toBe('unavailable');
    await world.clock.advance(37_000);
    expect(await reasonOf(auth.get())).toBe('unavailable');
    expect(world.forms).toHaveLength(2);
    await world.clock.advance(3_000);
    void errorOf(Promise.resolve(auth.get()));
    await world.clock.advance(0);
    expect(world.forms).toHaveLength(3);
  });

  test('leaves the old token in use as long as it lives', async () => {
    const auth = world.sign();
    await auth.get();
    world.endpoint.react(answers(503));
    await world.clock.advance(3_600_000 - 60_000);
    expect(auth.get()).toBe('access 1');
    await world.clock.advance(0);
    expect(world.told.at(-1)).toMatchObject({ type: 'token_refresh_failed', early: true });
    expect(auth.get()).toBe('access 1');
    await world.clock.advance(0);
    expect(world.forms).toHaveLength(2);
    await world.clock.advance(60_000);
    expect(await reasonOf(auth.get())).toBe('unavailable');
  });

  test('that never answers ends at its own limit, and callers end at theirs', async () => {
    world.first.push(waits);
    const auth = world.sign({ timeoutMs: 2_000 });
    const vendor = new InMemory(answers(200));
    const client = testClient({ baseUrl: 'http://acme.test', dispatcher: vendor, clock: world.clock, token: auth });
    const aborter = new AbortController();
    const left = errorOf(client.call(getThing, { id: 1 }, { signal: aborter.signal }));
    const hasty = errorOf(client.call(getThing, { id: 1 }, { timeoutMs: 100, totalTimeoutMs: 500 }));
    const patient = client.call(getThing, { id: 1 }, { fallback: 'kept' }).result();
    await world.clock.advance(0);
    aborter.abort('gone');
    expect(await left).toBe('gone');
    await world.clock.advance(500);
    expect(await hasty).toMatchObject({ kind: 'timeout', phase: 'preparing' });
    await world.clock.advance(1_500);
    expect(await patient).toMatchObject({ source: 'fallback' });
    expect(world.forms).toHaveLength(1);
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
