import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CircuitOpenError, RetryExhaustedError, TimeoutError } from '../../../runtime/errors/call-errors.js';
import { HttpError } from '../../../runtime/errors/http-error.js';
import { BulkheadFullError } from '../../../runtime/errors/limit-errors.js';
import { chain, type FallbackContext, lastGood, value } from '../../../runtime/policies/fallback.js';
import { BUDGET_TOKENS, RETRY_COST } from '../../../runtime/policies/retry-budget.js';
import { budgetOf } from '../../../runtime/protect/function-retry.js';
import { protect } from '../../../runtime/protect/protect.js';
import type { ProtectOptions } from '../../../runtime/protect/protect-options.js';
import type { ProtectContext } from '../../../runtime/protect/run.js';
import { Work, watch } from '../../support/watch.js';
import { Circuit } from '../breaker/circuit.js';

const TIMEOUT_MS = 500;
const TOTAL_MS = 2_000;
const RETRY = { maxAttempts: 3, baseDelayMs: 100, jitter: false };
const fault = new Error('secret of the service');
const httpError = (status: number, retryAfterMs?: number): HttpError =>
  new HttpError(status, { service: 's', operation: 'o', method: 'GET', path: '/', body: undefined, headers: {}, retryAfterMs });

let circuit: Circuit;
let work: Work<ProtectContext>;
const unhandled: unknown[] = [];
const remember = (error: unknown): void => void unhandled.push(error);

beforeEach(() => {
  circuit = new Circuit({ failureThreshold: 10 });
  work = new Work();
  unhandled.length = 0;
  process.on('unhandledRejection', remember);
});

afterEach(async () => {
  await circuit.clock.advance(0);
  process.off('unhandledRejection', remember);
  expect(unhandled).toEqual([]);
});

const guarded = (options: Partial<ProtectOptions<unknown, unknown[]>> = {}) => protect(work.fn, { breaker: circuit.breaker, ...options });
const settle = (): Promise<void> => circuit.clock.advance(0);

describe('arguments', () => {
  test('are passed through and typed; each run gets them', async () => {
    const add = protect((_, a: number, b: number) => a + b, { breaker: circuit.breaker });
    await expect(add(1, 2)).resolves.toBe(3);
    // @ts-expect-error a string is no number.
    await expect(add(1, 'x')).resolves.toBe('1x');
    const seen = watch(guarded({ retry: RETRY })('a', 2));
    work.run().reject(fault);
    await circuit.clock.advance(100);
    expect(work.runs.map(({ args }) => args)).toEqual([
      ['a', 2],
      ['a', 2],
    ]);
    work.run(1).resolve('answer');
    await settle();
    expect(seen.value).toBe('answer');
  });
});

describe('retry', () => {
  test('runs again after each wait, one sample per run; then tells all errors', async () => {
    const seen = watch(guarded({ retry: RETRY, name: 'rates' })());
    work.run(0).reject(fault);
    await circuit.clock.advance(99);
    expect(work.runs).toHaveLength(1);
    await circuit.clock.advance(1);
    work.run(1).reject(fault);
    await circuit.clock.advance(200);
    work.run(2).reject(fault);
    await settle();
    expect(seen.error).toBeInstanceOf(RetryExhaustedError);
    const error = seen.error as RetryExhaustedError;
    expect(error).toMatchObject({ attempts: 3, operation: 'rates', lastError: { kind: 'thrown', cause: fault } });
    expect(JSON.stringify([error, error.message])).not.toContain('secret');
    expect(circuit.breaker.snapshot().stats).toMatchObject({ totalRequests: 3, failedRequests: 3 });
    expect(circuit.types).toEqual(['call_failed', 'retry_scheduled', 'call_failed', 'retry_scheduled', 'call_failed']);
    expect(circuit.events[1]).toMatchObject({ operation: 'rates', attempt: 2, delayMs: 100, cause: 'error' });
    expect(circuit.clock.pendingTimers).toBe(0);
  });

  test.each([false, undefined])('retry: %s is one run, whose error comes through unchanged, whatever it is', async (retry) => {
    for (const thrown of [fault, 'text', undefined, null, 0]) {
      const call = protect(() => Promise.reject(thrown), {
        breaker: circuit.breaker,
        totalTimeoutMs: TOTAL_MS,
        ...(retry === false ? { retry } : {}),
      });
      await expect(call()).rejects.toBe(thrown);
    }
  });

  test('A12 sync throws are repeated like rejections', async () => {
    let runs = 0;
    const seen = watch(
      protect(
        () => {
          if (++runs < 3) throw fault;
          return runs;
        },
        { breaker: circuit.breaker, retry: RETRY },
      )(),
    );
    await circuit.clock.advance(300);
    expect(seen.value).toBe(3);
  });

  test('what does not count as a failure is not repeated; `when` decides otherwise', async () => {
    const isFailure = (): boolean => false;
    const once = watch(guarded({ retry: RETRY, isFailure })());
    work.run().reject(fault);
    await settle();
    expect(once.error).toBe(fault);
    const asked: unknown[] = [];
    const twice = watch(guarded({ retry: { ...RETRY, when: (error, attempts) => asked.push([error, attempts]) < 2 }, isFailure })());
    work.run(1).reject(fault);
    await circuit.clock.advance(100);
    work.run(2).reject(fault);
    await settle();
    expect(asked).toEqual([
      [fault, 1],
      [fault, 2],
    ]);
    expect(twice.error).toBe(fault);
  });

  test('A42 a `when` that throws: the original error, no further run', async () => {
    const when = (): boolean => {
      throw new Error('predicate');
    };
    const seen = watch(guarded({ retry: { ...RETRY, when } })());
    work.run().reject(fault);
    await circuit.clock.advance(10_000);
    expect(seen.error).toBe(fault);
    expect(work.runs).toHaveLength(1);
  });

  test('timed-out runs are repeated, and each has a signal of its own (A25)', async () => {
    const seen = watch(guarded({ retry: RETRY, timeoutMs: TIMEOUT_MS })());
    const first = work.run(0).context.signal;
    await circuit.clock.advance(TIMEOUT_MS + 100);
    const second = work.run(1).context.signal;
    expect([first.aborted, second.aborted]).toEqual([true, false]);
    work.run(0).resolve('late');
    work.run(1).resolve('answer');
    await settle();
    expect(seen.value).toBe('answer');
  });

  test('an error’s own Retry-After is waited for, and one beyond our patience ends the call', async () => {
    const seen = watch(guarded({ retry: RETRY })());
    work.run(0).reject(httpError(503, 700));
    await circuit.clock.advance(699);
    expect(work.runs).toHaveLength(1);
    await circuit.clock.advance(1);
    const late = httpError(503, 60_001);
    work.run(1).reject(late);
    await settle();
    expect(seen.error).toMatchObject({ kind: 'retry_exhausted', attempts: 2, lastError: late });
  });

  test('the budget of the circuit: paid per retry, given back for what was never sent and for a success', async () => {
    const budget = budgetOf(circuit.breaker);
    const controller = new AbortController();
    const seen = watch(guarded({ retry: RETRY })(controller.signal));
    work.run(0).reject(fault);
    await settle();
    expect(budget.tokens).toBe(BUDGET_TOKENS - RETRY_COST);
    controller.abort('enough');
    await settle();
    expect([seen.error, budget.tokens]).toEqual(['enough', BUDGET_TOKENS]);
    while (budget.take(false));
    const broke = watch(guarded({ retry: RETRY })());
    work.run(1).reject(fault);
    await settle();
    expect(broke.error, 'A39 the original error, not one of the budget').toBe(fault);
  });

  test('A45 an open circuit ends the retries, unless it probes within the deadline', async () => {
    circuit = new Circuit({ failureThreshold: 1, recoveryTimeoutMs: 1_000, successThreshold: 1 });
    const endless = watch(guarded({ retry: RETRY })());
    work.run(0).reject(fault);
    await settle();
    expect(endless.error).toBe(fault);
    circuit.breaker.reset();
    const waits = watch(guarded({ retry: RETRY, totalTimeoutMs: TOTAL_MS })());
    work.run(1).reject(fault);
    await circuit.clock.advance(1_000);
    work.run(2).resolve('recovered');
    await settle();
    expect(waits.value).toBe('recovered');
  });
});

describe('total deadline', () => {
  test('ends runs and waits; the run that it cuts short counts as nothing', async () => {
    const seen = watch(guarded({ totalTimeoutMs: TOTAL_MS, timeoutMs: 1_500, retry: { ...RETRY, baseDelayMs: 1_000 } })());
    work.run(0).reject(fault);
    await circuit.clock.advance(1_000);
    const { signal } = work.run(1).context;
    await circuit.clock.advance(1_000);
    expect(seen.error).toBeInstanceOf(TimeoutError);
    expect(seen.error).toMatchObject({ scope: 'total', timeoutMs: TOTAL_MS, cause: fault });
    expect(signal.reason).toBe(seen.error);
    expect(circuit.breaker.snapshot().stats).toMatchObject({ failedRequests: 1, releasedRequests: 1 });
  });

  test('the only run, with all the time there is, counts as a failure', async () => {
    const seen = watch(guarded({ totalTimeoutMs: TOTAL_MS })());
    await circuit.clock.advance(TOTAL_MS);
    expect(seen.error).toMatchObject({ scope: 'total' });
    expect(circuit.breaker.snapshot().stats).toMatchObject({ failedRequests: 1, timeoutRequests: 1 });
    work.run().reject(new Error('late'));
  });

  test('no wait that would end after it is begun', async () => {
    const seen = watch(guarded({ totalTimeoutMs: 100, retry: RETRY })());
    work.run().reject(fault);
    await settle();
    expect(seen.error).toBe(fault);
  });
});

describe('fallback', () => {
  test('answers for failures, timeouts and an open circuit, not for what is an answer', async () => {
    const failed = watch(guarded({ fallback: value({ kept: true }), timeoutMs: TIMEOUT_MS })());
    work.run(0).reject(fault);
    const slow = watch(guarded({ fallback: 'spare', timeoutMs: TIMEOUT_MS })());
    await circuit.clock.advance(TIMEOUT_MS);
    circuit.breaker.forceOpen();
    const told: unknown[] = [];
    const refused = watch(
      guarded({ fallback: (context: FallbackContext) => void told.push(context.params, context.error), name: 'rates' })('EUR'),
    );
    await settle();
    circuit.breaker.reset();
    const answer = watch(guarded({ fallback: 'spare', isFailure: () => false })());
    work.run(2).reject(fault);
    await settle();
    expect([failed.value, slow.value, answer.error]).toEqual([{ kept: true }, 'spare', fault]);
    expect(refused).toEqual({ value: undefined });
    expect(told).toEqual([['EUR'], expect.any(CircuitOpenError)]);
    expect(circuit.breaker.snapshot().stats.fallbackCalls).toBe(3);
    expect(circuit.events.filter(({ type }) => type === 'fallback_used')).toMatchObject([
      { cause: 'error', source: 'fallback' },
      { cause: 'timeout' },
      { cause: 'circuit_open', operation: 'rates' },
    ]);
  });

  test('steps that fail are passed over; if all do, the call’s own error comes', async () => {
    const broken = (): never => {
      throw new Error('fallback');
    };
    const steps = chain<unknown, unknown[]>(broken, () => Promise.reject(new Error('async')), value(3));
    const seen = watch(guarded({ fallback: steps })());
    const none = watch(guarded({ fallback: broken })());
    work.run(0).reject(fault);
    work.run(1).reject(fault);
    await settle();
    expect([seen.value, none.error]).toEqual([3, fault]);
  });

  test('A35 it runs once, although the work ends after its time', async () => {
    let runs = 0;
    const seen = watch(guarded({ timeoutMs: TIMEOUT_MS, fallback: () => ++runs })());
    await circuit.clock.advance(TIMEOUT_MS);
    work.run().reject(new Error('late'));
    await settle();
    expect([seen.value, runs]).toEqual([1, 1]);
  });

  test('is checked: lastGood needs a client, null a value()', () => {
    expect(() => guarded({ fallback: lastGood() })).toThrow(/^fallback is "lastGood\(\)", expected a value or a function/);
    expect(() => guarded({ fallback: null })).toThrow(/^fallback is null/);
  });
});

describe("the caller's abort", () => {
  test.each(['run', 'wait', 'fallback'])('A26 A27 during the %s: at once, with its reason, no further run, no fallback', async (phase) => {
    const controller = new AbortController();
    let fallbacks = 0;
    const fallback = (): unknown => {
      fallbacks++;
      return new Promise(() => undefined);
    };
    const options = { totalTimeoutMs: TOTAL_MS, ...(phase === 'fallback' ? { fallback } : { retry: RETRY }) };
    const seen = watch(guarded(options)(controller.signal));
    if (phase !== 'run') work.run().reject(fault);
    await settle();
    controller.abort('enough');
    await settle();
    expect(seen.error).toBe('enough');
    await circuit.clock.advance(TOTAL_MS);
    expect(work.runs).toHaveLength(1);
    expect(fallbacks).toBe(phase === 'fallback' ? 1 : 0);
    expect([getEventListeners(controller.signal, 'abort').length, circuit.clock.pendingTimers], 'A29').toEqual([0, 0]);
    if (phase === 'run') expect(circuit.breaker.snapshot().stats).toMatchObject({ releasedRequests: 1, failedRequests: 0 });
  });

  test('A29 an abort by a listener while the call gets its permit or schedules a retry', async () => {
    for (const type of ['circuit_half_open', 'retry_scheduled'] as const) {
      circuit = new Circuit({ failureThreshold: type === 'retry_scheduled' ? 5 : 1 });
      work = new Work();
      if (type === 'circuit_half_open') circuit.tripAndWait();
      const controller = new AbortController();
      circuit.breaker.on(type, () => controller.abort('from within'));
      const seen = watch(guarded({ retry: RETRY })(controller.signal));
      if (type === 'retry_scheduled') work.run().reject(fault);
      await circuit.clock.advance(10_000);
      expect(seen.error).toBe('from within');
      expect(work.runs).toHaveLength(type === 'retry_scheduled' ? 1 : 0);
      expect(budgetOf(circuit.breaker).tokens).toBe(BUDGET_TOKENS);
      expect(circuit.enter(), 'no place is lost').not.toBe(0);
    }
  });

  test('aborted before: nothing runs', async () => {
    await expect(guarded({ retry: true })(AbortSignal.abort('before'))).rejects.toBe('before');
    expect(work.runs).toHaveLength(0);
  });
});

describe('A40 A41 listeners', () => {
  test('that throw or call again change nothing', async () => {
    circuit = new Circuit({ failureThreshold: 1 });
    const again: string[] = [];
    circuit.breaker.subscribe((event) => {
      again.push(event.type);
      if (event.type === 'circuit_opened') void circuit.breaker.call(() => 1).catch(() => undefined);
      throw new Error('listener');
    });
    const seen = watch(guarded({ fallback: 'spare' })());
    work.run().reject(fault);
    await settle();
    expect(seen.value).toBe('spare');
    expect(again).toEqual(['call_failed', 'circuit_opened', 'call_rejected', 'fallback_used']);
  });
});

test('A44 refusals by the thousand: fresh errors without a cause', async () => {
  circuit.breaker.forceOpen();
  const call = guarded({ retry: RETRY, totalTimeoutMs: TOTAL_MS });
  const errors = await Promise.all(Array.from({ length: 1_000 }, () => call().catch((error: unknown) => error)));
  expect(new Set(errors).size).toBe(1_000);
  expect(errors.every((error) => error instanceof CircuitOpenError && error.cause === undefined)).toBe(true);
});

test('a bulkhead that is full inside the function counts as nothing, is not run again, and the fallback answers', async () => {
  const full = new BulkheadFullError({ service: 's', operation: undefined }, 'pool', 'queue_full', 1, 0);
  let runs = 0;
  const refuse = (): string => {
    runs++;
    throw full;
  };
  await expect(protect(refuse, { breaker: circuit.breaker, retry: RETRY, fallback: value('other') })()).resolves.toBe('other');
  await expect(protect(refuse, { breaker: circuit.breaker })()).rejects.toBe(full);
  expect(runs).toBe(2);
  expect(circuit.breaker.snapshot().stats).toMatchObject({ failedRequests: 0 });
});

describe('options that cannot work', () => {
  test.each([
    [{ totalTimeoutMs: 0 }, /^totalTimeoutMs is 0, expected milliseconds, more than 0$/],
    [{ timeoutMs: 2, totalTimeoutMs: 1 }, /^timeoutMs is 2, expected at most totalTimeoutMs, which is 1$/],
    [{ retry: 3 }, /^retry is 3, expected true, false or an object$/],
    [{ retry: { maxAttempts: 0 } }, /^retry.maxAttempts is 0, expected a whole number, 1 or more$/],
    [{ retry: { maxAttempts: 1.5 } }, /^retry.maxAttempts is 1.5/],
    [{ retry: { baseDelayMs: -1 } }, /^retry.baseDelayMs is -1, expected milliseconds, 0 or more$/],
    [{ retry: { maxDelayMs: Number.NaN } }, /^retry.maxDelayMs is NaN/],
    [{ retry: { exponentialBase: 0.5 } }, /^retry.exponentialBase is 0.5, expected a number, 1 or more$/],
    [{ retry: { jitter: 'yes' } }, /^retry.jitter is "yes", expected true or false$/],
    [{ retry: { when: 5 } }, /^retry.when is 5, expected a function$/],
    [{ name: '' }, /^name is "", expected a name$/],
    [{ random: 0.5 }, /^random is 0.5, expected a function$/],
  ])('%j', (options, message) => {
    expect(() => guarded(options as never)).toThrow(message);
  });
});
