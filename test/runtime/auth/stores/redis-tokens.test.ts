import { BreakerRegistry } from 'fuseline';
import { oauth, redisTokens, type TokenCommand, type TokenStore } from 'fuseline/auth';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { InMemory } from '../../../support/in-memory.js';
import { NO_REDIS, RedisServer } from '../../../support/redis.js';
import { SignInWorld } from '../fixture.js';

test.each<[Record<string, unknown>, string]>([
  [{}, 'command is undefined, expected a function'],
  [{ command: () => undefined, prefix: '' }, 'prefix is ""'],
  [{ command: () => undefined, key: 'x' }, 'not an option of redisTokens'],
])('refuses %j', (options, message) => {
  expect(() => redisTokens(options as never)).toThrow(message);
});

test.each([['{"accessToken":"s3cret'], ['"s3cret"'], ['{"accessToken":5}']])('%s in Redis is an error without the text', async (text) => {
  const error = await Promise.resolve(redisTokens({ command: async () => text }).load('ana')).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(TypeError);
  expect(String(error)).not.toContain('s3cret');
});

test('no key of an account is that of another one, or of its lock', async () => {
  const keys: string[] = [];
  const store = redisTokens({
    command: async ([command, key = '', ...rest]) => {
      if (command === 'SET') keys.push(`${key} ${rest.includes('NX') ? 'lock' : 'tokens'}`);
      return 'OK';
    },
  });
  const accounts = [
    '',
    'x',
    'x:lock',
    'x:lock:lock',
    'x:lock:tokens',
    'x:lock:tokens:tokens',
    'x:tokens',
    'x:lock:tokens:lock',
    ':lock',
    'lock',
  ];
  for (const account of accounts) {
    await store.save(account, { accessToken: 'a' });
    await store.lock?.(account, 1_000);
  }
  expect(new Set(keys.map((key) => key.split(' ')[0])).size).toBe(2 * accounts.length);
  // Tokens that are stored by these keys are found again.
  expect(keys.slice(0, 4)).toEqual([
    'fuseline:tokens: tokens',
    'fuseline:tokens::lock lock',
    'fuseline:tokens:x tokens',
    'fuseline:tokens:x:lock lock',
  ]);
});

describe.skipIf(NO_REDIS)('tokens in a real Redis', () => {
  const redis = new RedisServer();
  let command: TokenCommand;
  let store: TokenStore;

  beforeAll(async () => {
    await redis.start();
    const client = await redis.client();
    command = (args) => client.sendCommand(args);
    store = redisTokens({ command });
  });

  afterAll(() => redis.stop());

  test('are those that were saved last', async () => {
    expect(await store.load('ana')).toBeUndefined();
    await store.save('ana', { accessToken: 'one', refreshToken: 'r' });
    await store.save('ana', { accessToken: 'two', expiresAt: 5 });
    expect(await store.load('ana')).toEqual({ accessToken: 'two', refreshToken: undefined, expiresAt: 5 });
    expect(await redisTokens({ command, prefix: 'other:' }).load('ana')).toBeUndefined();
  });

  test('have a lock that ends by itself, and is given back by its owner only', async () => {
    const unlock = await store.lock?.('bob', 60_000);
    expect(unlock).toBeTypeOf('function');
    expect(await store.lock?.('bob', 60_000)).toBeUndefined();
    expect(Number(await command(['PTTL', 'fuseline:tokens:bob:lock']))).toBeGreaterThan(0);
    // As if the lease had ended, and someone else had it now.
    await command(['SET', 'fuseline:tokens:bob:lock', 'someone else']);
    await unlock?.();
    expect(String(await command(['GET', 'fuseline:tokens:bob:lock']))).toBe('someone else');
    await command(['DEL', 'fuseline:tokens:bob:lock']);
    await (await store.lock?.('bob', 60_000))?.();
    expect(await command(['GET', 'fuseline:tokens:bob:lock'])).toBeNull();
  });

  test('one of many processes renews, and the others use its token', async () => {
    const world = new SignInWorld();
    const endpoint = new InMemory((...given) => setImmediate(() => world.endpoint.dispatch(given[1], given[0])));
    const sources = Array.from({ length: 10 }, () =>
      oauth({
        tokenUrl: 'http://login.test/token',
        clientId: 'app',
        grant: 'refresh_token',
        refreshToken: 'refresh 0',
        registry: new BreakerRegistry(),
        dispatcher: endpoint,
        store: redisTokens({ command, prefix: 'fleet:' }),
      }),
    );
    expect(new Set(await Promise.all(sources.map((source) => source.get())))).toEqual(new Set(['access 1']));
    expect(world.given).toBe(1);
    expect(sources.map((source) => source.status().refreshed).sort()).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
  });
});
