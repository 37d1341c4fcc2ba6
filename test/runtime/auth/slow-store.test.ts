import { describe, expect, test } from 'vitest';
import { answers } from '../../support/in-memory.js';
import { withResolvers } from '../../support/with-resolvers.js';
import { LockedStore, SignInWorld, WatchedStore } from './fixture.js';

describe('a store that hangs once the token is there', () => {
  test('while it gives a lock back delays no call, also after a save', async () => {
    const given = withResolvers<void>();
    const store = new WatchedStore();
    const world = new SignInWorld(Object.assign(store, { lock: () => () => given.promise }));
    const auth = world.sign();
    expect(await auth.get()).toBe('access 1');
    await auth.save({ accessToken: 'new' });
    expect(await auth.get()).toBe('new');
    let settled = false;
    const end = auth.settled().then(() => {
      settled = true;
    });
    await world.clock.advance(1_000);
    expect(settled).toBe(false);
    given.resolve();
    await end;
  });

  test.each([
    ['of client credentials', { grant: 'client_credentials' }],
    ['with a refresh token that stays', { grant: 'refresh_token' }],
  ] as const)('while it saves a token %s delays no call, and is waited for by a program that ends', async (_, options) => {
    const taken = withResolvers<void>();
    const store = new LockedStore();
    const world = new SignInWorld(store);
    store.tokens = { refreshToken: 'refresh 0' };
    store.onSave = () => taken.promise;
    // The answer holds no other refresh token.
    world.first.push((...given) => answers(200, { access_token: 'access', expires_in: 3_600 })(...given));
    const auth = world.sign(options);
    expect(await auth.get()).toBe('access');
    const end = auth.settled();
    await world.clock.advance(1_000);
    // Until then other processes wait for the token.
    expect(store.log).toEqual(['load', 'lock', 'load', 'save']);
    taken.resolve();
    await end;
    expect(store.log.at(-1)).toBe('unlock');
    expect(store.tokens).toMatchObject({ accessToken: 'access' });
  });

  test('does not replace later tokens by the ones that it saves', async () => {
    const taken = withResolvers<void>();
    const store = new WatchedStore();
    const world = new SignInWorld(store);
    store.onSave = () => taken.promise;
    const auth = world.sign({ grant: 'client_credentials' });
    await auth.get();
    const saving = auth.save({ accessToken: 'new' });
    await world.clock.advance(1_000);
    expect(store.log).toEqual(['load', 'save']);
    taken.resolve();
    await saving;
    expect(store.tokens).toEqual({ accessToken: 'new' });
  });

  test('for good is given up at its limit', async () => {
    const store = new WatchedStore();
    const world = new SignInWorld(store);
    store.onSave = () => new Promise(() => undefined);
    const auth = world.sign({ grant: 'client_credentials' });
    expect(await auth.get()).toBe('access 1');
    let settled = false;
    const end = auth.settled().then(() => {
      settled = true;
    });
    await world.clock.advance(4_999);
    expect(settled).toBe(false);
    await world.clock.advance(1);
    await end;
  });
});
