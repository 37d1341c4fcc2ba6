import { inspect } from 'node:util';
import { SignInError } from 'fuseline/auth';
import { beforeEach, describe, expect, test } from 'vitest';
import { errorOf, getThing, testClient } from '../../support/client.js';
import { answers, breaks, InMemory, neverConnects, socketError, waits } from '../../support/in-memory.js';
import { SignInWorld } from './fixture.js';

let world: SignInWorld;

beforeEach(() => {
  world = new SignInWorld();
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
    [404, 'check tokenUrl'],
    [301, 'check tokenUrl'],
    [400, 'check clientId, clientSecret, clientAuth and scope'],
  ])('a status of %i says what to check', async (status, message) => {
    world.first.push(answers(status, { error: 'invalid_request' }));
    expect(((await errorOf(Promise.resolve(world.sign().get()))) as SignInError).message).toContain(message);
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
