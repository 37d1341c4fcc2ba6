import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { BreakerRegistry, CircuitBreaker, type ClientOptions, type ServiceClient } from 'fuseline';
import { protect, RateLimiter } from 'fuseline/protect';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { errorOf, getThing, testClient } from '../support/client.js';
import { answers, InMemory, waits } from '../support/in-memory.js';

const PROGRAM = fileURLToPath(new URL('../support/node-timers-program.ts', import.meta.url));
const LATE = fileURLToPath(new URL('../support/node-late-timers-program.ts', import.meta.url));
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

afterEach(() => void vi.useRealTimers());

const client = (dispatcher: InMemory, options: ClientOptions = {}): ServiceClient =>
  testClient({ baseUrl: 'http://acme.test', token: 't', dispatcher, registry: new BreakerRegistry(), timeoutMs: 300, ...options });

/** Vitest's fake timers are those of sinon and Jest: `@sinonjs/fake-timers`. They differ in what they replace. */
const FAKED = [
  ['everything', undefined],
  ['timers and Date', ['setTimeout', 'clearTimeout', 'Date']],
  ['timers alone', ['setTimeout', 'clearTimeout']],
] as const;

describe.each(FAKED)('R4 under fake timers that replace %s', (_, toFake) => {
  const fake = (): void => void vi.useFakeTimers(toFake === undefined ? {} : { toFake: [...toFake] });

  test('limits, backoffs and probes pass by fake time', async () => {
    fake();
    const dispatcher = new InMemory(waits, answers(503), answers(200, { back: true }));
    const retry = { maxAttempts: 3, baseDelayMs: 30_000, maxDelayMs: 60_000, jitter: false, waitForProbe: true };
    const acme = client(dispatcher, {
      retry,
      breaker: { failureThreshold: 1, successThreshold: 1, recoveryTimeoutMs: 60_000 },
      totalTimeoutMs: null,
    });
    const call = acme.call(getThing, { id: 1 });
    for (const [ms, requests, state] of [
      [299, 1, 'closed'],
      [1, 1, 'open'],
      [59_998, 1, 'open'],
      [2, 2, 'open'],
      [60_000, 3, 'closed'],
    ] as const) {
      await vi.advanceTimersByTimeAsync(ms);
      expect([ms, dispatcher.requests.length]).toEqual([ms, requests]);
      // Without a faked clock, time stands still between two timers of ours.
      if (toFake === undefined || toFake.length === 3) expect(acme.breaker('things.get').state).toBe(state);
    }
    expect(await call).toEqual({ back: true });
  });

  test('a limit that was left behind in fake time does not switch off that of later calls', async () => {
    fake();
    const dispatcher = new InMemory(answers(200, {}), waits);
    const acme = client(dispatcher, { retry: false });
    await acme.call(getThing, { id: 1 });
    const abandoned = acme.call(getThing, { id: 2 });
    void abandoned.catch(() => undefined);
    vi.useRealTimers();
    for (let at = 0; at < 2; at++) expect(await errorOf(acme.call(getThing, { id: 3 }))).toMatchObject({ kind: 'timeout' });
    fake();
    const again = errorOf(acme.call(getThing, { id: 4 }));
    await vi.advanceTimersByTimeAsync(300);
    expect(await again).toMatchObject({ kind: 'timeout' });
    vi.useRealTimers();
    expect(await errorOf(acme.call(getThing, { id: 5 }))).toMatchObject({ kind: 'timeout' });
  });

  test('a circuit that opened in fake time recovers in real time, and the other way round', async () => {
    const fails = (): Promise<never> => Promise.reject(new Error('down'));
    const breaker = new CircuitBreaker({ failureThreshold: 1, successThreshold: 1, recoveryTimeoutMs: 30 });
    const load = protect(() => Promise.resolve('in'), { breaker, retry: { waitForProbe: true } });
    fake();
    await breaker.call(fails).catch(() => undefined);
    vi.useRealTimers();
    await vi.waitFor(() => load());
    expect(breaker.state).toBe('closed');
    breaker.reconfigure({ recoveryTimeoutMs: 3_600_000 });
    await breaker.call(fails).catch(() => undefined);
    fake();
    // A timer of ours, for the runner that fakes nothing but timers.
    const timer = protect(() => new Promise(() => undefined), { breaker: new CircuitBreaker(), timeoutMs: 3_600_000 })();
    void timer.catch(() => undefined);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(breaker.state).toBe('half_open');
  });

  test('fake time that nothing of ours read still passed', async () => {
    const fails = (): Promise<never> => Promise.reject(new Error('down'));
    const breaker = new CircuitBreaker({ failureThreshold: 1, successThreshold: 1, recoveryTimeoutMs: 60_000 });
    await breaker.call(fails).catch(() => undefined);
    fake();
    // Before the first reading,
    await vi.advanceTimersByTimeAsync(30_000);
    vi.setSystemTime('2031-01-01');
    await vi.advanceTimersByTimeAsync(29_000);
    expect(breaker.state).toBe('open');
    // after the last one,
    await vi.advanceTimersByTimeAsync(500);
    vi.useRealTimers();
    expect(breaker.state).toBe('open');
    // and in a second pair of fake timers.
    fake();
    await vi.advanceTimersByTimeAsync(501);
    expect(breaker.state).toBe('half_open');
  });

  test('callers of a rate limit that waited in fake time leave no dead timer for those after them', async () => {
    const limiter = new RateLimiter({ requests: 1, perMs: 20, maxWaitMs: 60_000 });
    fake();
    await limiter.call(() => 1);
    const abandoned = limiter.call(() => 2);
    void abandoned.catch(() => undefined);
    vi.useRealTimers();
    expect(await limiter.call(() => 3)).toBe(3);
    expect(await abandoned).toBe(2);
  });
});

test.each(['setTimeout', 'setTimeout,Date', 'setTimeout,setImmediate,Date', 'setInterval,setTimeout'])(
  'R4 under the fake timers of node:test for %s',
  async (apis) => {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', '--import', 'tsx', PROGRAM, apis], { cwd: ROOT });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output += String(chunk);
      });
    }
    await once(child, 'close');
    expect(output.trim()).toBe('["timeout","recovered","closed","done","timeout"]');
  },
);

test.each([
  // From 0, as by default, and from now: what passed before the first reading is known.
  ['setTimeout,Date', '0', ['half_open', 'half_open']],
  ['setTimeout,Date', 'now', ['half_open', 'half_open']],
  // From a date of the test's own, it is not. What passes later is.
  ['setTimeout,Date', '2020-02-02', ['open', 'half_open']],
  ['setTimeout,Date', '2031-01-01', ['open', 'half_open']],
])('timers of node:test for %s from %s, after a circuit opened in real time', async (apis, from, expected) => {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', '--import', 'tsx', LATE, apis, from], { cwd: ROOT });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += String(chunk);
    });
  }
  await once(child, 'close');
  expect(output.trim()).toBe(JSON.stringify(['open', ...expected]));
});
