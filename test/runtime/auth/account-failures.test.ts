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
    ['refused', answers(401, { error: 'invalid_client' })],
    ['refused', answers(400, { error: 'secret words of the server' })],
    ['refused', answers(200, { error: 'invalid_scope' })],
    ['unusable', answers(200, { token: 'misplaced' })],
    ['unavailable', answers(503)],
    ['unavailable', answers(429)],
    ['unavailable', answers(200, '<html>', { 'content-type': 'text/html' })],
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
