import { BreakerRegistry, type Clock } from 'fuseline';
import { Bulkhead, getCircuitBreaker, protect, RateLimiter } from 'fuseline/protect';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../runtime/clock.js';
import { AT_ONCE, getThing, TRANSPORTS, testClient } from '../support/client.js';
import { json, Loopback } from '../support/loopback.js';
import { noUnhandledRejections } from '../support/unhandled.js';

/** A clock that works until it is used for the n-th time, and throws from then on. */
class FailingClock implements Clock {
  uses = 0;
  readonly wallNow = systemClock.wallNow;
  readonly clearTimeout = systemClock.clearTimeout;
  readonly #from: number;

  constructor(from: number) {
    this.#from = from;
  }

  now(): number {
    this.#use();
    return systemClock.now();
  }

  setTimeout(callback: () => void, delayMs: number): ReturnType<Clock['setTimeout']> {
    this.#use();
    return systemClock.setTimeout(callback, delayMs);
  }

  #use(): void {
    this.uses++;
    if (this.uses >= this.#from) throw new Error('the clock broke');
  }
}

let server: Loopback;
const uncaught: unknown[] = [];
const remember = (error: unknown): void => void uncaught.push(error);

noUnhandledRejections(() => new Promise((resolve) => setImmediate(resolve)));

beforeEach(async () => {
  server = await Loopback.start();
  uncaught.length = 0;
  process.on('uncaughtException', remember);
});

afterEach(async () => {
  await server.stop();
  process.off('uncaughtException', remember);
  expect(uncaught).toEqual([]);
});

/** Does the work with a clock that fails at its first use, at its second, and so on, until it is used no more. A test that hangs fails. */
async function atEachUse(work: (clock: Clock) => Promise<unknown>): Promise<number> {
  for (let from = 1; ; from++) {
    const clock = new FailingClock(from);
    await work(clock).catch(() => undefined);
    if (clock.uses < from) return from;
  }
}

describe('a clock that throws leaves nothing pending', () => {
  for (const [name, transport] of TRANSPORTS) {
    test.each([200, 503])(`a call over ${name} that is answered by %i`, async (status) => {
      server.answer(json({}, status));
      const call = (clock: Clock): Promise<unknown> =>
        testClient({ baseUrl: server.origin, token: 't', retry: { ...AT_ONCE, maxAttempts: 2 }, clock, ...transport }).call(getThing, {
          id: 'a',
        });
      expect(await atEachUse(async (clock) => call(clock))).toBeGreaterThan(3);
    });
  }

  test('a function under protect', async () => {
    let runs = 0;
    const used = await atEachUse(async (clock) => {
      const breaker = getCircuitBreaker('rates', { registry: new BreakerRegistry(), failureThreshold: 9 });
      const work = async (): Promise<never> => {
        runs++;
        await new Promise((resolve) => setImmediate(resolve));
        throw new Error('down');
      };
      await protect(work, { breaker, clock, timeoutMs: 60_000, totalTimeoutMs: 60_000, retry: { maxAttempts: 2, baseDelayMs: 0 } })();
    });
    expect(used).toBeGreaterThan(3);
    expect(runs).toBeGreaterThan(3);
  });

  test('a circuit, a bulkhead and a rate limiter by hand', async () => {
    const works = [
      (clock: Clock) => new BreakerRegistry({ clock }).obtain('a', 'a', {}).call(async () => 1),
      async (clock: Clock) => {
        const bulkhead = new Bulkhead({ maxConcurrent: 1, maxQueue: 1, maxWaitMs: 1_000, clock });
        const [, second] = await Promise.all([bulkhead.call(async () => 0), bulkhead.call(async () => 1)]);
        return second;
      },
      (clock: Clock) => new RateLimiter({ requests: 1, perMs: 1_000, clock }).call(async () => 1),
    ];
    for (const work of works) expect(await atEachUse(async (clock) => expect(await work(clock)).toBe(1))).toBeGreaterThan(1);
  });
});
