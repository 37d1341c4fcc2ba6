import type { SignInError, Tokens } from 'fuseline/auth';
import { describe, expect, test } from 'vitest';
import { errorOf } from '../../support/client.js';
import { answers } from '../../support/in-memory.js';
import { withResolvers } from '../../support/with-resolvers.js';
import { LockedStore, SignInWorld, WatchedStore } from './fixture.js';

const failureOf = async (asked: string | Promise<string>): Promise<SignInError> => (await errorOf(Promise.resolve(asked))) as SignInError;

/** An account whose store does not take the first pair. `passedMs`: the time that passes meanwhile. */
async function unsaved(passedMs: number) {
  const store = new WatchedStore();
  const world = new SignInWorld(store);
  store.onSave = () => Promise.reject(new Error('the disk is full'));
  const auth = world.sign();
  const failed = failureOf(auth.get());
  await world.clock.advance(passedMs);
  await failed;
  return { store, world, auth };
}

describe('a new pair', () => {
  test('is saved before anyone uses it', async () => {
    const saved = withResolvers<void>();
    const store = new WatchedStore();
    store.onSave = () => saved.promise;
    const world = new SignInWorld(store);
    let token: string | undefined;
    const asked = Promise.resolve(world.sign().get()).then((got) => {
      token = got;
    });
    await world.clock.advance(1_000);
    expect(store.log).toEqual(['load', 'save']);
    expect(token).toBeUndefined();
    saved.resolve();
    await asked;
    expect(token).toBe('access 1');
    expect(store.tokens).toEqual({
      accessToken: 'access 1',
      refreshToken: 'refresh 1',
      expiresAt: world.clock.wallNow() - 1_000 + 3_600_000,
    });
  });

  test('is waited for by a program that ends', async () => {
    const saved = withResolvers<void>();
    const store = new WatchedStore();
    store.onSave = () => saved.promise;
    const world = new SignInWorld(store);
    store.tokens = { refreshToken: 'refresh 0' };
    const auth = world.sign();
    await auth.settled();
    const asked = auth.for('ana').get();
    let settled = false;
    const end = auth.settled().then(() => {
      settled = true;
    });
    await world.clock.advance(1_000);
    expect(settled).toBe(false);
    saved.resolve();
    await end;
    expect(store.tokens).toMatchObject({ refreshToken: 'refresh 1' });
    expect(await asked).toBe('access 1');
  });

  test('that the store does not take is offered again, and not lost', async () => {
    const store = new WatchedStore();
    const world = new SignInWorld(store);
    store.onSave = () => Promise.reject(new Error('the disk is full'));
    const auth = world.sign();
    const failed = failureOf(auth.get());
    await world.clock.advance(1_000);
    expect(await failed).toMatchObject({ reason: 'store', cause: { message: 'the disk is full' } });
    expect(store.log).toEqual(['load', 'save', 'save', 'save']);
    store.onSave = undefined;
    await world.clock.advance(1_000);
    expect(await auth.get()).toBe('access 1');
    expect(store.tokens).toMatchObject({ refreshToken: 'refresh 1' });
    // The refresh token was sent once.
    expect(world.forms).toHaveLength(1);
  });

  test('bought with the given refresh token, while the store has one that has ended, is not lost either', async () => {
    const store = new WatchedStore();
    const world = new SignInWorld(store);
    store.tokens = { accessToken: 'old', refreshToken: 'ended', expiresAt: world.clock.wallNow() - 1 };
    store.onSave = () => Promise.reject(new Error('the disk is full'));
    const auth = world.sign();
    const reasons: string[] = [];
    for (let turn = 0; turn < 3; turn++) {
      const failed = failureOf(auth.get());
      await world.clock.advance(2_000);
      reasons.push((await failed).reason);
    }
    expect(reasons).toEqual(['expired', 'store', 'store']);
    store.onSave = undefined;
    expect(await auth.get()).toBe('access 1');
    expect(store.tokens).toMatchObject({ refreshToken: 'refresh 1' });
    expect(world.forms.map((form) => form['refresh_token'])).toEqual(['ended', 'refresh 0']);
  });

  test('whose access token ended before the store took it buys the next one', async () => {
    const { store, world, auth } = await unsaved(3_600_000);
    store.onSave = undefined;
    expect(await auth.get()).toBe('access 2');
    expect(world.forms.map((form) => form['refresh_token'])).toEqual(['refresh 0', 'refresh 1']);
    expect(store.tokens).toMatchObject({ refreshToken: 'refresh 2' });
  });

  test('outlives a sign-in that the store does not take', async () => {
    const { store, world, auth } = await unsaved(1_000);
    expect(await errorOf(auth.save({ refreshToken: 'signed in' }))).toMatchObject({ reason: 'store' });
    store.onSave = undefined;
    await world.clock.advance(1_000);
    expect(await auth.get()).toBe('access 1');
    await auth.save({ accessToken: 'signed in', refreshToken: 'another' });
    expect(await auth.get()).toBe('signed in');
  });

  test('is not forgotten with an account that is not used for long', async () => {
    const stored = new Map<string, Tokens>([['ana', { refreshToken: 'refresh 0' }]]);
    let full = true;
    const world = new SignInWorld({
      load: (account) => stored.get(account),
      save: (account, tokens) => (full ? Promise.reject(new Error('the disk is full')) : void stored.set(account, tokens)),
    });
    const auth = world.sign();
    const failed = failureOf(auth.for('ana').get());
    await world.clock.advance(1_000);
    await failed;
    for (let other = 0; other < 10_100; other++) auth.for(`other ${other}`);
    full = false;
    await world.clock.advance(1_000);
    expect(await auth.for('ana').get()).toBe('access 1');
    expect(world.forms).toHaveLength(1);
  });

  test('gives way to one that someone got by signing in meanwhile', async () => {
    const store = new WatchedStore();
    const world = new SignInWorld(store);
    store.tokens = { refreshToken: 'refresh 0' };
    store.onSave = () => Promise.reject(new Error('the disk is full'));
    const auth = world.sign();
    const failed = failureOf(auth.get());
    await world.clock.advance(1_000);
    await failed;
    store.onSave = undefined;
    store.tokens = { accessToken: 'signed in', refreshToken: 'another' };
    await world.clock.advance(1_000);
    expect(await auth.get()).toBe('signed in');
  });

  test('without a new refresh token is used although it is not saved', async () => {
    const store = new WatchedStore();
    store.onSave = () => Promise.reject(new Error('the disk is full'));
    expect(await new SignInWorld(store).sign({ grant: 'client_credentials' }).get()).toBe('access 1');
  });
});

describe('a store', () => {
  test('that has a token spares the request', async () => {
    const store = new WatchedStore();
    const world = new SignInWorld(store);
    store.tokens = { accessToken: 'kept', refreshToken: 'r', expiresAt: world.clock.wallNow() + 60_000 };
    const auth = world.sign();
    expect(await auth.get()).toBe('kept');
    expect(world.forms).toEqual([]);
    expect(auth.status()).toMatchObject({ adopted: 1, refreshed: 0, expiresInMs: 60_000 });
  });

  test('that has one which ends in a moment does not', async () => {
    const store = new WatchedStore();
    const world = new SignInWorld(store);
    store.tokens = { accessToken: 'kept', refreshToken: 'refresh 0', expiresAt: world.clock.wallNow() + 4_000 };
    expect(await world.sign().get()).toBe('access 1');
  });

  test.each([
    ['throws', () => JSON.parse('{') as undefined],
    ['rejects', () => Promise.reject(new Error('no connection'))],
    ['gives something else', () => 'a text' as never],
    ['gives half of something', () => ({ accessToken: 5 }) as never],
  ])('that %s fails the sign-in, and is asked again later', async (_, load) => {
    const world = new SignInWorld({ load, save: () => undefined });
    expect(await failureOf(world.sign().get())).toMatchObject({ kind: 'sign_in', reason: 'store' });
    expect(world.forms).toEqual([]);
  });

  test('without a lock, whose refresh token another process used first, gives the token of that process', async () => {
    const store = new WatchedStore();
    const world = new SignInWorld(store);
    store.tokens = { refreshToken: 'refresh 0' };
    world.first.push((...given) => {
      store.tokens = { accessToken: 'of the other', refreshToken: 'r' };
      answers(400, { error: 'invalid_grant' })(...given);
    });
    const auth = world.sign();
    expect(await auth.get()).toBe('of the other');
    expect(auth.status()).toMatchObject({ adopted: 1, failed: 0 });
  });

  test('that never answers fails the sign-in at its limit', async () => {
    const world = new SignInWorld({ load: () => new Promise<never>(() => undefined), save: () => undefined });
    const failed = failureOf(world.sign({ storeTimeoutMs: 700 }).get());
    await world.clock.advance(700);
    expect(await failed).toMatchObject({ reason: 'store', message: expect.stringContaining('within 700 ms (load)') });
    expect(world.clock.pendingTimers).toBe(0);
  });
});

describe('a lock', () => {
  test('is held around reading, asking and saving', async () => {
    const store = new LockedStore();
    const world = new SignInWorld(store);
    await world.sign().get();
    expect(store.log).toEqual(['load', 'lock', 'load', 'save', 'unlock']);
  });

  test('that another process has is waited for, and its new token is used', async () => {
    const store = new LockedStore();
    const world = new SignInWorld(store);
    store.holder = 'another process';
    const asked = world.sign().get();
    await world.clock.advance(200);
    store.tokens = { accessToken: 'of the other', refreshToken: 'r' };
    await world.clock.advance(1_000);
    expect(await asked).toBe('of the other');
    expect(world.forms).toEqual([]);
  });

  test('that another process loses without a token is taken', async () => {
    const store = new LockedStore();
    const world = new SignInWorld(store);
    store.holder = 'another process';
    const asked = world.sign().get();
    await world.clock.advance(3_000);
    store.holder = undefined;
    await world.clock.advance(1_000);
    expect(await asked).toBe('access 1');
    expect(store.holder).toBeUndefined();
  });

  test('is given back after a failure', async () => {
    const store = new LockedStore();
    const world = new SignInWorld(store);
    world.valid = 'another';
    expect(await failureOf(world.sign().get())).toMatchObject({ reason: 'expired' });
    expect(store.log.at(-1)).toBe('unlock');
  });

  test('that is never free fails the sign-in', async () => {
    const store = new LockedStore();
    const world = new SignInWorld(store);
    store.holder = 'another process';
    const failed = failureOf(world.sign({ timeoutMs: 1_000, storeTimeoutMs: 1_000 }).get());
    await world.clock.advance(10_000);
    expect(await failed).toMatchObject({ reason: 'store', message: expect.stringContaining('for 5000 ms') });
  });

  test('that comes too late is given back, and nothing is sent', async () => {
    const held = withResolvers<() => void>();
    let unlocked = 0;
    const world = new SignInWorld({ load: () => undefined, save: () => undefined, lock: () => held.promise });
    const failed = failureOf(world.sign({ storeTimeoutMs: 500 }).get());
    await world.clock.advance(500);
    expect(await failed).toMatchObject({ reason: 'store' });
    held.resolve(() => unlocked++);
    await world.clock.advance(0);
    expect(unlocked).toBe(1);
    expect(world.forms).toEqual([]);
  });

  test('under which the process slept is not trusted', async () => {
    const store = new LockedStore();
    const world = new SignInWorld(store);
    const { load } = store;
    let sleeps = 1;
    store.load = (account) => {
      if (store.holder !== undefined && sleeps-- > 0) world.clock.jump(60_000);
      return load.call(store, account);
    };
    const failed = failureOf(world.sign().get());
    await world.clock.advance(10_000);
    expect(await failed).toMatchObject({ reason: 'store' });
    expect(world.forms).toEqual([]);
  });

  test('is held while someone saves tokens by hand', async () => {
    const store = new LockedStore();
    const world = new SignInWorld(store);
    await world.sign().save({ refreshToken: 'signed in' });
    expect(store.log).toEqual(['lock', 'save', 'unlock']);
    expect(store.tokens).toEqual({ refreshToken: 'signed in' });
  });
});
