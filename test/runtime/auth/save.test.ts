import { inspect } from 'node:util';
import { beforeEach, describe, expect, test } from 'vitest';
import { errorOf } from '../../support/client.js';
import { answers } from '../../support/in-memory.js';
import { withResolvers } from '../../support/with-resolvers.js';
import { SignInWorld, WatchedStore } from './fixture.js';

let store: WatchedStore;
let world: SignInWorld;

beforeEach(() => {
  store = new WatchedStore();
  world = new SignInWorld(store);
});

describe('tokens of a new sign-in', () => {
  const OLD = { accessToken: 'old', refreshToken: 'refresh 0', expiresAt: 1 };

  test('are what calls wait for that come while the store saves them', async () => {
    store.tokens = OLD;
    const saved = withResolvers<void>();
    store.onSave = () => saved.promise;
    const auth = world.sign();
    const saving = auth.save({ accessToken: 'new', refreshToken: 'signed in' });
    const asked = [auth.get(), auth.get()];
    await world.clock.advance(1_000);
    expect(store.log).toEqual(['save']);
    saved.resolve();
    await saving;
    expect(await Promise.all(asked)).toEqual(['new', 'new']);
    expect(store.tokens).toEqual({ accessToken: 'new', refreshToken: 'signed in' });
    expect(world.forms).toEqual([]);
  });

  test('replace those of a renewal that was under way, and end its failure', async () => {
    store.tokens = OLD;
    const answer = withResolvers<void>();
    world.first.push((...given) => void answer.promise.then(() => answers(400, { error: 'invalid_grant' })(...given)));
    const auth = world.sign();
    const failed = errorOf(Promise.resolve(auth.get()));
    await world.clock.advance(1_000);
    const saving = auth.save({ accessToken: 'new' });
    answer.resolve();
    expect(await failed).toMatchObject({ reason: 'expired' });
    // The failure is not over, but the save is under way.
    expect(await auth.get()).toBe('new');
    await saving;
    expect(store.tokens).toEqual({ accessToken: 'new' });
  });

  test('are saved one after the other, while calls come between', async () => {
    const steps = [withResolvers<void>(), withResolvers<void>()];
    const [first, second] = steps;
    let at = 0;
    store.onSave = () => steps[at++]?.promise;
    const auth = world.sign();
    const saves = [auth.save({ accessToken: 'one' })];
    const early = auth.get();
    saves.push(auth.save({ accessToken: 'two' }));
    const late = auth.get();
    second?.resolve();
    await world.clock.advance(1_000);
    expect(store.log).toEqual(['save']);
    first?.resolve();
    await Promise.all(saves);
    expect(store.tokens).toEqual({ accessToken: 'two' });
    expect([await early, await late, await auth.get()]).toEqual(['one', 'one', 'two']);
  });

  test('that the store does not take leave the old ones in use', async () => {
    store.tokens = OLD;
    store.onSave = () => {
      store.onSave = undefined;
      return Promise.reject(new Error('the disk is full'));
    };
    const auth = world.sign();
    const failed = errorOf(auth.save({ accessToken: 'new' }));
    const asked = auth.get();
    expect(await failed).toMatchObject({ reason: 'store' });
    expect(await asked).toBe('access 1');
  });

  test.each<[unknown, string]>([
    [{ access_token: 's3cret', refresh_token: 's3cret', expires_in: 3_600 }, 'Did you mean accessToken?'],
    [{ accessToken: 's3cret', refresh_token: 's3cret' }, 'Did you mean refreshToken?'],
    [{ accessToken: 's3cret', expires_in: 3_600 }, 'expires_in is not an option of tokens'],
    [{}, 'tokens is without a token'],
    [{ expiresAt: 5 }, 'tokens is without a token'],
    [undefined, 'tokens is of type undefined'],
    [null, 'tokens is null'],
    [5, 'tokens is of type number'],
    ['s3cret', 'tokens is a text'],
    [['s3cret'], 'expected'],
    [{ accessToken: 5 }, 'accessToken is of type number, expected a text'],
    [{ accessToken: ' ' }, 'accessToken is empty'],
    [{ accessToken: 's3cret', refreshToken: null }, 'refreshToken is null'],
    [{ accessToken: 's3cret', expiresAt: '2030-01-01' }, 'expiresAt is a text, expected a number of milliseconds'],
    [{ accessToken: 's3cret', expiresAt: Number.NaN }, 'expiresAt is NaN'],
  ])('that are none are refused, and nothing is stored: %j', async (tokens, message) => {
    store.tokens = { accessToken: 'good', refreshToken: 'good' };
    const auth = world.sign();
    const error = await errorOf(auth.save(tokens as never));
    expect(error).toMatchObject({ kind: 'configuration', message: expect.stringContaining(message) });
    expect(inspect(error)).not.toContain('s3cret');
    expect(store.log).toEqual([]);
    expect(await auth.get()).toBe('good');
  });

  test('are waited for by a program that ends', async () => {
    const saved = withResolvers<void>();
    store.onSave = () => saved.promise;
    const auth = world.sign();
    const saving = auth.save({ accessToken: 'new' });
    let settled = false;
    const end = auth.settled().then(() => {
      settled = true;
    });
    await world.clock.advance(1_000);
    expect(settled).toBe(false);
    saved.resolve();
    await Promise.all([saving, end]);
  });
});
