import type { ClientOptions, Result, ServiceClient } from 'fuseline';
import { FakeClock } from 'fuseline/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { getThing, testClient } from '../../support/client.js';
import { answers, InMemory, type Reaction } from '../../support/in-memory.js';

const COUNT = 20;
const BREAKER = { failureThreshold: COUNT, successThreshold: 3, recoveryTimeoutMs: 1_000, halfOpenMaxCalls: 2 };
const RETRY = { baseDelayMs: 10, maxDelayMs: 1_000, maxAttempts: 2, jitter: false, waitForProbe: true };

let clock: FakeClock;
let dispatcher: InMemory;
let held: ((status: number) => void)[];
let rejected: string[];
let acme: ServiceClient;
let calls: Promise<Result<unknown, unknown>>[];
let aborter: AbortController;

const holds: Reaction = (...args) => void held.push((status) => answers(status)(...args));
const sent = (): number => dispatcher.requests.length - COUNT;
const waiting = (): number => acme.breaker('things.get').openings.size;
const answer = async (status: number, count = held.length): Promise<void> => {
  for (const give of held.splice(0, count)) give(status);
  await clock.advance(0);
};
const outcomes = async (): Promise<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const result of await Promise.all(calls)) {
    const name = result.ok ? 'ok' : (result.error as Error).name;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
};

/** Twenty calls fail and open the circuit. A second later two of them probe it, and their requests are held. */
async function probed(options: ClientOptions = {}): Promise<void> {
  acme = testClient({
    baseUrl: 'http://acme.test',
    token: 't',
    clock,
    dispatcher,
    timeoutMs: 5_000,
    totalTimeoutMs: 20_000,
    breaker: BREAKER,
    retry: RETRY,
    onEvent: (event) => event.type === 'call_rejected' && rejected.push(event.reason),
    ...options,
  });
  aborter = new AbortController();
  calls = Array.from({ length: COUNT }, (_, id) => acme.call(getThing, { id }, { signal: aborter.signal }).result());
  await clock.advance(0);
  dispatcher.react(holds);
  await clock.advance(1_000);
  expect([sent(), held.length, waiting()]).toEqual([2, 2, COUNT - 2]);
}

beforeEach(() => {
  clock = new FakeClock();
  dispatcher = new InMemory(answers(503));
  held = [];
  rejected = [];
});

describe('more calls wait for the probe than the half-open circuit has places', () => {
  test('the others take the places that the probes give back, and all go when the circuit closes; none was rejected', async () => {
    await probed();
    await answer(200, 1);
    expect([sent(), waiting()]).toEqual([3, 17]);
    await answer(200, 1);
    expect([sent(), waiting()]).toEqual([4, 16]);
    await answer(200, 1);
    expect([acme.breaker('things.get').state, sent(), waiting()]).toEqual(['closed', 20, 0]);
    await answer(200);
    // The timers are those that all deadlines of one duration share.
    expect([await outcomes(), rejected, clock.now(), clock.pendingTimers]).toEqual([{ ok: 20 }, [], 1_000, 2]);
  });

  test('a probe that fails opens the circuit: the others wait for the next probe', async () => {
    await probed();
    await clock.advance(20);
    await answer(503);
    expect([acme.breaker('things.get').state, sent()]).toEqual(['open', 2]);
    await clock.advance(999);
    expect(sent()).toBe(2);
    await clock.advance(1);
    expect(sent()).toBe(4);
    while (held.length > 0) await answer(200);
    expect([await outcomes(), rejected]).toEqual([{ ok: 18, RetryExhaustedError: 2 }, []]);
  });

  test('they end with what they met where the next probe comes too late', async () => {
    await probed();
    acme.breaker('things.get').reconfigure({ recoveryTimeoutMs: 1_001 });
    await answer(503);
    expect([await outcomes(), sent(), waiting()]).toEqual([{ HttpError: 18, RetryExhaustedError: 2 }, 2, 0]);
  });

  test('they wait for a place as long as the longest delay, and are then refused', async () => {
    await probed();
    await clock.advance(999);
    expect(rejected).toEqual([]);
    await clock.advance(1);
    expect([rejected.length, new Set(rejected), sent(), waiting()]).toEqual([18, new Set(['half_open']), 2, 0]);
    await answer(200);
    expect(await outcomes()).toEqual({ ok: 2, HttpError: 18 });
  });

  test('they wait no longer than their deadline', async () => {
    await probed({ timeoutMs: 1_500, totalTimeoutMs: 1_500 });
    await clock.advance(500);
    expect([await outcomes(), waiting(), clock.now()]).toEqual([{ TimeoutError: 20 }, 0, 1_500]);
  });

  test('an abort ends their wait', async () => {
    await probed();
    aborter.abort();
    expect([await outcomes(), waiting()]).toEqual([{ CallAbortedError: 20 }, 0]);
    expect(clock.now()).toBe(1_000);
  });

  test('one that loses its place to another call while its token is fetched waits on', async () => {
    const tokens: ((token: string) => void)[] = [];
    let slow = false;
    await probed({ token: () => (slow ? new Promise<string>((resolve) => tokens.push(resolve)) : 't') });
    slow = true;
    await answer(200, 1);
    expect([tokens.length, waiting(), sent()]).toEqual([1, 17, 2]);
    slow = false;
    const other = acme.call(getThing, { id: 99 }, { retry: false }).result();
    expect(sent()).toBe(3);
    tokens[0]?.('t');
    await clock.advance(0);
    expect([rejected, waiting(), sent()]).toEqual([['half_open'], 18, 3]);
    while (held.length > 0) await answer(200);
    expect([await outcomes(), (await other).ok]).toEqual([{ ok: 20 }, true]);
  });

  test('a call that does not wait for probes is refused', async () => {
    await probed();
    const result = await acme.call(getThing, { id: 99 }, { retry: { ...RETRY, waitForProbe: false } }).result();
    expect(result.ok ? undefined : result.error).toMatchObject({ kind: 'circuit_open', reason: 'half_open' });
    const first = await acme.call(getThing, { id: 99 }).result();
    expect(first.ok ? undefined : first.error, 'nor does a first attempt wait').toMatchObject({ kind: 'circuit_open' });
    await answer(200);
    await answer(200);
  });

  test('what the calls paid for the retries is given back, where they end without one', async () => {
    await probed();
    acme.breaker('things.get').forceOpen();
    await answer(200);
    expect(await outcomes()).toEqual({ ok: 2, HttpError: 18 });
    acme.breaker('things.get').reset();
    // 500 tokens pay for 35 retries.
    dispatcher.requests.length = 0;
    dispatcher.react(answers(503));
    acme.breaker('things.get').forceClosed();
    const more = Array.from({ length: 40 }, (_, id) => acme.call(getThing, { id }).result());
    await clock.advance(10);
    await Promise.all(more);
    expect(dispatcher.requests).toHaveLength(75);
  });
});
