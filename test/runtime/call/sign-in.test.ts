import { AsyncLocalStorage } from 'node:async_hooks';
import {
  BreakerRegistry,
  CircuitBreaker,
  type ClientOptions,
  type FuselineEvent,
  lastGood,
  operationStats,
  type ServiceClient,
  SignInError,
  type TokenSource,
} from 'fuseline';
import { FakeClock } from 'fuseline/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { createThing, errorOf, getThing, testClient } from '../../support/client.js';
import { answers, InMemory, type Reaction, waits } from '../../support/in-memory.js';

let vendor: InMemory;
let registry: BreakerRegistry;
let clock: FakeClock;
let events: FuselineEvent[];

beforeEach(() => {
  vendor = new InMemory(answers(200, { from: 'vendor' }));
  registry = new BreakerRegistry();
  clock = new FakeClock();
  events = [];
  registry.subscribe((event) => events.push(event));
});

const client = (options: ClientOptions): ServiceClient =>
  testClient({ baseUrl: 'http://acme.test', dispatcher: vendor, registry, clock, ...options });
const tokensSent = (): readonly (string | undefined)[] => vendor.requests.map((_, at) => vendor.header('authorization', at));

describe('R10 a sign-in that is down', () => {
  const down = (): Promise<string> => Promise.reject(new Error('the sign-in is down'));

  test('is told by an error of its own, and counts as nothing against the service', async () => {
    const acme = client({ token: down, breaker: { failureThreshold: 1 } });
    const error = await errorOf(acme.call(getThing, { id: 1 }));
    expect(error).toBeInstanceOf(SignInError);
    expect(error).toMatchObject({ kind: 'sign_in', code: 'ESIGNIN', reason: 'token_function', cause: { message: 'the sign-in is down' } });
    expect(vendor.requests).toHaveLength(0);
    expect(acme.breaker('things.get').snapshot().stats.totalRequests).toBe(0);
    expect(events).toEqual([]);
  });

  test('counts as nothing in a circuit around the call', async () => {
    const around = new CircuitBreaker({ failureThreshold: 1 });
    const acme = client({ token: down });
    expect(await errorOf(around.call(() => acme.call(getThing, { id: 1 })))).toMatchObject({ kind: 'sign_in' });
    expect(around.state).toBe('closed');
  });

  test('keeps its reason, and names the operation', () => {
    const error = SignInError.at(
      { service: 'acme', operation: 'things.get' },
      new SignInError({ service: 'x', operation: 'y' }, 'expired', 'gone'),
    );
    expect(error).toMatchObject({ reason: 'expired', message: 'acme things.get: gone', service: 'acme' });
    expect(error.cause).toBeUndefined();
  });

  test.each([
    ['throws', () => JSON.parse('{') as string],
    ['rejects', down],
  ])('is answered by a fallback if the token function %s', async (_, token) => {
    const acme = client({ token });
    const seen: unknown[] = [];
    const fallback = ({ error }: { readonly error: unknown }): unknown => {
      seen.push(error);
      return { from: 'fallback' };
    };
    expect(await acme.call(getThing, { id: 1 }, { fallback }).result()).toMatchObject({ source: 'fallback', attempts: 0 });
    expect(seen).toMatchObject([{ kind: 'sign_in' }]);
    expect(events).toMatchObject([{ type: 'fallback_used', cause: 'sign_in' }]);
  });

  /** A client that signs in with the next of the given tokens; after the last one it cannot. */
  const rotating = (tokens: string[], options: ClientOptions = {}): ServiceClient =>
    client({ token: async () => tokens.shift() ?? (await down()), fallbacks: { 'things.get': lastGood() }, ...options });

  test('is answered by the last good response of a sender that has a name', async () => {
    const acme = rotating(['one'], { identity: 'ana' });
    await acme.call(getThing, { id: 1 });
    expect(await acme.call(getThing, { id: 1 }).result()).toMatchObject({ source: 'cache', data: { from: 'vendor' } });
    // Of no other request, and of no other sender.
    expect(await errorOf(acme.call(getThing, { id: 2 }))).toMatchObject({ kind: 'sign_in' });
    expect(await errorOf(acme.call(getThing, { id: 1 }, { identity: 'bob' }))).toMatchObject({ kind: 'sign_in' });
    expect(await errorOf(acme.call(getThing, { id: 1 }, { headers: { 'x-account': '2' } }))).toMatchObject({ kind: 'sign_in' });
  });

  test('is not answered for a sender without a name: its token would tell who it is', async () => {
    const acme = rotating(['one']);
    await acme.call(getThing, { id: 1 });
    expect(await errorOf(acme.call(getThing, { id: 1 }))).toMatchObject({ kind: 'sign_in' });
  });

  test('that never answers is answered by the last good response when the time of the call is up', async () => {
    let signIn = (): Promise<string> => Promise.resolve('one');
    const acme = client({
      token: () => signIn(),
      identity: 'ana',
      fallbacks: { 'things.get': lastGood() },
      totalTimeoutMs: 1_000,
      timeoutMs: 500,
    });
    await acme.call(getThing, { id: 1 });
    signIn = () => new Promise(() => undefined);
    const call = acme.call(getThing, { id: 1 }).result();
    await clock.advance(1_000);
    expect(await call).toMatchObject({ source: 'cache' });
  });

  test('a last good response survives another token of the same sender', async () => {
    const acme = rotating(['one', 'two'], { identity: 'ana', retry: false });
    await acme.call(getThing, { id: 1 });
    vendor.react(answers(503));
    expect(await acme.call(getThing, { id: 1 }).result()).toMatchObject({ source: 'cache' });
    expect(tokensSent()).toEqual(['Bearer one', 'Bearer two']);
  });

  test('two tokens under one name share no request: only what is kept goes by the name', async () => {
    const tokens = ['one', 'one', 'two'];
    const acme = client({ token: () => tokens.shift() ?? '', identity: 'ana', coalesce: true });
    await acme.call(getThing, { id: 0 });
    vendor.requests.splice(0);
    vendor.react((...given) => setImmediate(() => answers(200, {})(...given)));
    await Promise.all([1, 1].map((id) => acme.call(getThing, { id })));
    expect(tokensSent()).toEqual(['Bearer one', 'Bearer two']);
  });

  test('a sender with a name needs no token while the circuit is open', async () => {
    let asked = 0;
    const token = (): string => `token ${++asked}`;
    const acme = client({ token, identity: 'ana', fallbacks: { 'things.get': lastGood() } });
    await acme.call(getThing, { id: 1 });
    acme.breaker('things.get').forceOpen();
    expect(await acme.call(getThing, { id: 1 }).result()).toMatchObject({ source: 'cache' });
    expect(asked).toBe(1);
  });
});

describe('R10 a 401', () => {
  /** Gives its tokens in order. Each rejection of the current one makes it go on, as long as there are more. */
  class Renewing implements TokenSource {
    readonly rejections: string[] = [];
    readonly #tokens: string[];

    constructor(...tokens: string[]) {
      this.#tokens = tokens;
    }

    get(): string {
      return this.#tokens[0] ?? '';
    }

    rejected(token: string): boolean {
      this.rejections.push(token);
      if (token === this.#tokens[0] && this.#tokens.length > 1) this.#tokens.shift();
      return token !== this.#tokens[0];
    }
  }

  const UNTIL_FRESH = [answers(401), answers(200, { from: 'vendor' })];

  test.each([getThing, createThing])('is repeated once with a fresh token: $method', async (operation) => {
    vendor.react(...UNTIL_FRESH);
    const token = new Renewing('old', 'new');
    const acme = client({ token, retry: false });
    expect(await acme.call(operation, { id: 1, body: {} }).result()).toMatchObject({ ok: true, attempts: 2, data: { from: 'vendor' } });
    expect(tokensSent()).toEqual(['Bearer old', 'Bearer new']);
    expect(token.rejections).toEqual(['old']);
    expect(events).toMatchObject([{ type: 'retry_scheduled', attempt: 2, delayMs: 0, cause: 'http_401' }]);
    // It has been an answer of a living service before, and is one now.
    expect(acme.breaker('things.get').snapshot().stats).toMatchObject({ totalRequests: 2, failedRequests: 0 });
    expect(operationStats(registry)).toContainEqual(expect.objectContaining({ attempts: 2, retries: 1, successes: 1, failures: 0 }));
  });

  test('is final if the fresh token is refused as well', async () => {
    vendor.react(answers(401));
    const acme = client({ token: new Renewing('one', 'two', 'three') });
    expect(await errorOf(acme.call(getThing, { id: 1 }, { fallback: 'none' }))).toMatchObject({ kind: 'http', status: 401 });
    expect(tokensSent()).toEqual(['Bearer one', 'Bearer two']);
  });

  test.each<[string, ClientOptions['token']]>([
    ['a source without another token', new Renewing('only')],
    ['a source that throws', { get: () => 'only', rejected: () => JSON.parse('{') as boolean }],
    ['a source that answers later', { get: () => 'only', rejected: () => Promise.reject(new Error('x')) as never }],
    ['a token function', () => 'only'],
    ['a token', 'only'],
  ])('is final with %s', async (_, token) => {
    vendor.react(answers(401));
    expect(await errorOf(client({ token }).call(getThing, { id: 1 }))).toMatchObject({ kind: 'http', status: 401 });
    expect(vendor.requests).toHaveLength(1);
  });

  test('leaves the retries of the call to failures', async () => {
    vendor.react(answers(401), answers(503), answers(200, { from: 'vendor' }));
    const acme = client({ token: new Renewing('old', 'new'), retry: { maxAttempts: 3, baseDelayMs: 0, maxDelayMs: 0 } });
    const call = acme.call(getThing, { id: 1 }).result();
    await clock.advance(0);
    expect(await call).toMatchObject({ ok: true, attempts: 3 });
    expect(tokensSent()).toEqual(['Bearer old', 'Bearer new', 'Bearer new']);
  });

  test('waits for the fresh token no longer than the call has time', async () => {
    vendor.react(answers(401));
    let renewed = false;
    const token: TokenSource = {
      get: () => (renewed ? new Promise<string>(() => undefined) : 'old'),
      rejected: () => {
        renewed = true;
        return true;
      },
    };
    const failed = errorOf(client({ token, totalTimeoutMs: 1_000, timeoutMs: 500 }).call(getThing, { id: 1 }));
    await clock.advance(1_000);
    expect(await failed).toMatchObject({ kind: 'timeout', scope: 'total', phase: 'preparing' });
    expect(vendor.requests).toHaveLength(1);
  });

  test('is a failed sign-in if no fresh token can be had', async () => {
    vendor.react(answers(401));
    const tokens: (string | Promise<string>)[] = ['old', Promise.reject(new Error('the sign-in is down'))];
    const token: TokenSource = { get: () => tokens.shift() ?? '', rejected: () => true };
    expect(await client({ token }).call(getThing, { id: 1 }, { fallback: { from: 'fallback' } })).toEqual({ from: 'fallback' });
  });

  test('is repeated for all calls that share the request', async () => {
    const acme = client({ token: new Renewing('old', 'new'), coalesce: true });
    await acme.call(getThing, { id: 0 });
    vendor.requests.splice(0);
    const later =
      (reaction: Reaction): Reaction =>
      (...given) =>
        setImmediate(() => reaction(...given));
    vendor.react(...UNTIL_FRESH.map(later));
    const calls = await Promise.all([1, 1, 1].map((id) => acme.call(getThing, { id })));
    expect(calls).toHaveLength(3);
    expect(tokensSent()).toEqual(['Bearer old', 'Bearer new']);
  });

  test('asks the source in the context of its call, and a call that ends there sends nothing more', async () => {
    const tenant = new AsyncLocalStorage<string>();
    const found: (string | undefined)[] = [];
    const aborter = new AbortController();
    const token: TokenSource = {
      get: () => `of ${tenant.getStore()}`,
      rejected: () => {
        found.push(tenant.getStore());
        aborter.abort('gone');
        return true;
      },
    };
    vendor.react(waits);
    const failed = tenant.run('ana', () => errorOf(client({ token }).call(getThing, { id: 1 }, { signal: aborter.signal })));
    vendor.react(answers(401));
    const second = tenant.run('bob', () => errorOf(client({ token }).call(getThing, { id: 1 })));
    expect(await failed).toBe('gone');
    expect(found).toEqual(['bob']);
    expect(await second).toMatchObject({ status: 401 });
    expect(tokensSent()).toEqual(['Bearer of ana', 'Bearer of bob', 'Bearer of bob']);
  });
});
