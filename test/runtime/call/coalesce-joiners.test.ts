import {
  type CallOptions,
  type ClientOptions,
  lastGood,
  type ServiceClient,
  type TransportController,
  type TransportHandler,
} from 'fuseline';
import { FakeClock } from 'fuseline/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { getThing, testClient } from '../../support/client.js';
import { answers, InMemory, type Reaction } from '../../support/in-memory.js';
import { watch } from '../../support/watch.js';

let clock: FakeClock;
let dispatcher: InMemory;
let open: { readonly handler: TransportHandler; readonly controller: TransportController }[];

const held: Reaction = (handler, _, controller) => {
  open.push({ handler, controller });
  handler.onRequestStart(controller, undefined);
};

function answer(at: number, status = 200): void {
  const request = open[at];
  if (request === undefined) throw new Error(`no request ${at}`);
  answers(status, { n: at })(request.handler, undefined as never, request.controller);
}

beforeEach(() => {
  clock = new FakeClock();
  open = [];
  dispatcher = new InMemory(held);
});

type Watched = ReturnType<typeof watch>;

const clientWith = (options: ClientOptions): ServiceClient =>
  testClient({ baseUrl: 'http://acme.test', token: 't', clock, dispatcher, coalesce: true, totalTimeoutMs: 60_000, ...options });

const get = (acme: ServiceClient, id: number, options?: CallOptions): Watched => watch(acme.call(getThing, { id }, options));

/** Where a shared request can be when one of its callers leaves. `begin` brings it there, `finish` lets it end well. */
const PHASES: readonly [name: string, ClientOptions, begin: (acme: ServiceClient) => void, finish: () => Promise<void>][] = [
  ['waits for its answer', {}, () => undefined, async () => answer(0)],
  [
    'waits for a place',
    { bulkhead: { maxConcurrent: 1, maxQueue: 9 } },
    (acme) => void get(acme, 2),
    async () => {
      answer(0);
      await clock.advance(0);
      answer(1);
    },
  ],
  [
    'waits for a token of the rate limit',
    { rateLimit: { requests: 1, perMs: 10_000, maxWaitMs: 50_000 } },
    (acme) => void get(acme, 2),
    async () => {
      await clock.advance(10_000);
      answer(1);
    },
  ],
  [
    'waits for its next attempt',
    { retry: { maxAttempts: 2, baseDelayMs: 10_000, maxDelayMs: 10_000, jitter: false } },
    () => undefined,
    async () => {
      await clock.advance(10_000);
      answer(1);
    },
  ],
];

describe.each(PHASES)('a shared request that %s', (name, options, begin, finish) => {
  async function share(joining: CallOptions): Promise<readonly [acme: ServiceClient, first: Watched, joiner: Watched]> {
    const acme = clientWith(options);
    begin(acme);
    await clock.advance(0);
    const first = get(acme, 1);
    const joiner = get(acme, 1, joining);
    await clock.advance(0);
    if (name.includes('attempt')) answer(0, 503);
    await clock.advance(0);
    return [acme, first, joiner];
  }

  test('lets go a joiner whose deadline is shorter, with its own error, and answers the others', async () => {
    const [, first, joiner] = await share({ totalTimeoutMs: 500 });
    await clock.advance(500);
    expect(joiner.error).toMatchObject({ kind: 'timeout', scope: 'total', timeoutMs: 500 });
    expect(first).toEqual({});
    const requests = dispatcher.requests.length;
    await finish();
    await clock.advance(0);
    expect(first.value).toEqual({ n: open.length - 1 });
    expect(dispatcher.requests.length - requests).toBeLessThanOrEqual(1);
  });

  test('lets go a joiner that aborts, with its reason, and answers the others', async () => {
    const aborter = new AbortController();
    const [, first, joiner] = await share({ signal: aborter.signal });
    aborter.abort('enough');
    await clock.advance(0);
    expect(joiner.error).toBe('enough');
    expect(first).toEqual({});
    await finish();
    await clock.advance(0);
    expect(first.value).toEqual({ n: open.length - 1 });
  });

  // A call that could not get a token before its deadline is refused at once, before another can join it.
  if (name.includes('token')) return;
  test('goes on for a joiner whose deadline is longer than that of the call that started it', async () => {
    const acme = clientWith(options);
    begin(acme);
    await clock.advance(0);
    const first = get(acme, 1, { totalTimeoutMs: 500 });
    const joiner = get(acme, 1);
    await clock.advance(0);
    if (name.includes('attempt')) answer(0, 503);
    await clock.advance(500);
    expect(first.error).toMatchObject({ kind: 'timeout', scope: 'total', timeoutMs: 500 });
    await finish();
    await clock.advance(0);
    expect(joiner).toEqual({ value: { n: open.length - 1 } });
  });
});

test('a joiner with a limit of its own for an attempt has a request of its own, with that limit', async () => {
  const acme = clientWith({ retry: false });
  const first = get(acme, 1);
  const joiner = get(acme, 1, { timeoutMs: 500 });
  await clock.advance(500);
  expect(joiner.error).toMatchObject({ kind: 'timeout', scope: 'attempt', timeoutMs: 500 });
  answer(0);
  await clock.advance(0);
  expect([first.value, dispatcher.requests.length]).toEqual([{ n: 0 }, 2]);
});

test.each([
  ['the call that started the request', lastGood(), undefined, { n: 0 }],
  ['a joiner alone', undefined, lastGood(), undefined],
])('whether the response is kept is up to the call that started it: `lastGood()` of %s', async (_, first, joiner, kept) => {
  const acme = clientWith({ retry: false });
  const calls = [first, joiner].map((fallback) => get(acme, 1, fallback && { fallback }));
  answer(0);
  await clock.advance(0);
  expect(calls.map(({ value }) => value)).toEqual([{ n: 0 }, { n: 0 }]);
  const later = get(acme, 1, { fallback: lastGood() });
  answer(1, 503);
  await clock.advance(0);
  expect(later.value).toEqual(kept);
});
