import { describe, expect, test } from 'vitest';
import { MAX_TIMER_MS } from '../../../runtime/clock.js';
import { CallAbortedError, RequestError, RetryExhaustedError } from '../../../runtime/errors/call-errors.js';
import { ConfigurationError } from '../../../runtime/errors/configuration-error.js';
import { HttpError } from '../../../runtime/errors/http-error.js';
import { BulkheadFullError } from '../../../runtime/errors/limit-errors.js';
import { AllTiersFailedError } from '../../../runtime/errors/tiers-error.js';
import { value } from '../../../runtime/policies/fallback/fallback.js';
import { BUDGET_TOKENS, RETRY_COST } from '../../../runtime/policies/retry/retry-budget.js';
import { budgetOf } from '../../../runtime/protect/circuit-budget.js';
import { protect } from '../../../runtime/protect/protect.js';
import type { ProtectRetry } from '../../../runtime/protect/protect-options.js';
import { watch } from '../../support/watch.js';
import { circuit, freshForEach, guarded, newCircuit, settle, work } from './fixture.js';

const TIMEOUT_MS = 500;
const TOTAL_MS = 2_000;
const RETRY = { maxAttempts: 3, baseDelayMs: 100, jitter: false };
const PLACE = { service: 's', operation: 'o' };
const fault = new Error('secret of the service');
const httpError = (status: number, retryAfterMs?: number): HttpError =>
  new HttpError(status, { service: 's', operation: 'o', method: 'GET', path: '/', body: undefined, headers: {}, retryAfterMs });

freshForEach({ failureThreshold: 10 });

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

  test('a Retry-After of exactly our patience is waited for', async () => {
    watch(guarded({ retry: { ...RETRY, maxRetryAfterMs: 5_000 } })());
    work.run(0).reject(httpError(503, 5_000));
    await circuit.clock.advance(5_000);
    expect(work.runs).toHaveLength(2);
  });

  test('any error may say when to come again, and what is no duration says nothing', async () => {
    const asks = (retryAfterMs: unknown): Error => Object.assign(new Error('slow down'), { retryAfterMs });
    watch(guarded({ retry: { ...RETRY, maxRetryAfterMs: 5_000 } })());
    work.run(0).reject(asks(4_000));
    await circuit.clock.advance(3_999);
    expect(work.runs).toHaveLength(1);
    await circuit.clock.advance(1);
    expect(work.runs).toHaveLength(2);
    work.run(1).reject(asks(5_001));
    await circuit.clock.advance(60_000);
    expect(work.runs, 'longer than our patience').toHaveLength(2);
    for (const odd of ['4000', Number.NaN, -1, null]) {
      const before = work.runs.length;
      watch(guarded({ retry: { ...RETRY, baseDelayMs: 0, maxDelayMs: 0 } })());
      work.run(before).reject(asks(odd));
      await circuit.clock.advance(1);
      expect(work.runs, String(odd)).toHaveLength(before + 2);
      work.run(before + 1).resolve(1);
      await settle();
    }
  });

  test('the longest wait is the longest timer; a longer one would be a millisecond', async () => {
    for (const [baseDelayMs, scheduled] of [
      [MAX_TIMER_MS, 1],
      [MAX_TIMER_MS + 1, 0],
    ] as const) {
      circuit.events.length = 0;
      const controller = new AbortController();
      watch(guarded({ retry: { ...RETRY, baseDelayMs, maxDelayMs: baseDelayMs } })(controller.signal));
      work.run(work.runs.length - 1).reject(fault);
      await settle();
      expect(circuit.types.filter((type) => type === 'retry_scheduled')).toHaveLength(scheduled);
      controller.abort();
    }
  });

  test.each([
    new RequestError(PLACE, 'a parameter is missing'),
    new ConfigurationError('option', 1, 'something else'),
    new CallAbortedError(PLACE, 'enough'),
    new RetryExhaustedError(PLACE, 3, [], new RequestError(PLACE, 'last')),
    new AllTiersFailedError(PLACE, []),
  ])('is not run again where that is pointless: $kind', async (error) => {
    const seen = watch(guarded({ retry: RETRY })());
    work.run().reject(error);
    await circuit.clock.advance(10_000);
    expect(seen.error).toBe(error);
    expect(work.runs).toHaveLength(1);
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

  test.each<[string, ProtectRetry, { totalTimeoutMs?: number }?]>([
    ['by default', {}],
    ['where the probe comes later than the longest delay', { waitForProbe: true, maxDelayMs: 999 }],
    ['where the probe comes after the deadline', { waitForProbe: true, maxDelayMs: 1_000 }, { totalTimeoutMs: 1_000 }],
  ])('A45 R7 an open circuit ends the retries immediately, %s', async (_, retry, more = {}) => {
    newCircuit({ failureThreshold: 1, recoveryTimeoutMs: 1_000, successThreshold: 1 });
    const seen = watch(guarded({ retry: { ...RETRY, ...retry }, ...more })());
    work.run(0).reject(fault);
    await settle();
    expect([seen.error, circuit.clock.now()]).toEqual([fault, 0]);
  });

  test('A45 with `waitForProbe`, a retry waits for the probe of the open circuit', async () => {
    newCircuit({ failureThreshold: 1, recoveryTimeoutMs: 1_000, successThreshold: 1 });
    const waits = watch(guarded({ retry: { ...RETRY, waitForProbe: true, maxDelayMs: 1_000 } })());
    work.run(0).reject(fault);
    await circuit.clock.advance(999);
    expect(work.runs).toHaveLength(1);
    await circuit.clock.advance(1);
    work.run(1).resolve('recovered');
    await settle();
    expect(waits.value).toBe('recovered');
  });
});

test('nobody waits for a circuit to probe where something else can answer', async () => {
  newCircuit({ failureThreshold: 1, recoveryTimeoutMs: 1_000 });
  const seen = watch(guarded({ retry: RETRY, totalTimeoutMs: TOTAL_MS, fallback: value('spare') })());
  work.run().reject(fault);
  await settle();
  expect(seen.value).toBe('spare');
  expect(circuit.clock.now()).toBe(0);
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
