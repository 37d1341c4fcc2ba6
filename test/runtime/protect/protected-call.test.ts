import { getEventListeners } from 'node:events';
import { beforeEach, describe, expect, test } from 'vitest';
import { CircuitOpenError, type RetryExhaustedError, TimeoutError } from '../../../runtime/errors/call-errors.js';
import { HttpError } from '../../../runtime/errors/http-error.js';
import { BUDGET_TOKENS, RETRY_COST, SUCCESS_REFUND, THROTTLED_RETRY_COST } from '../../../runtime/policies/retry/retry-budget.js';
import { deadlineList } from '../../../runtime/policies/timeout/deadline.js';
import { budgetOf } from '../../../runtime/protect/circuit-budget.js';
import { watch } from '../../support/watch.js';
import { circuit, freshForEach, guarded, newCircuit, newWork, settle, work } from './fixture.js';

const TOTAL_MS = 2_000;
const RETRY = { maxAttempts: 3, baseDelayMs: 100, jitter: false };
const NOWHERE = { service: 's', operation: 'o', method: 'GET', path: '/' };
const fault = new Error('secret of the service');

freshForEach({ failureThreshold: 10 });

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

  test('a run that has all of its own time counts as a timeout, be it the first or the second', async () => {
    const first = watch(guarded({ totalTimeoutMs: TOTAL_MS, timeoutMs: TOTAL_MS })());
    await circuit.clock.advance(TOTAL_MS);
    expect(first.error).toMatchObject({ scope: 'total', phase: 'waiting' });
    expect(Object.hasOwn(first.error as Error, 'cause')).toBe(false);
    expect(circuit.breaker.snapshot().stats).toMatchObject({ releasedRequests: 0, failedRequests: 1, timeoutRequests: 1 });
    const second = watch(guarded({ totalTimeoutMs: TOTAL_MS, timeoutMs: 500, retry: { ...RETRY, baseDelayMs: 1_500 } })());
    work.run(1).reject(fault);
    await circuit.clock.advance(TOTAL_MS);
    expect(second.error).toMatchObject({ scope: 'total', phase: 'waiting', cause: fault });
    expect(circuit.breaker.snapshot().stats).toMatchObject({ releasedRequests: 0, failedRequests: 3, timeoutRequests: 2 });
  });

  test('of two runs without a time of their own the second has had only the rest', async () => {
    const seen = watch(guarded({ totalTimeoutMs: TOTAL_MS, retry: RETRY })());
    work.run(0).reject(fault);
    await circuit.clock.advance(TOTAL_MS);
    expect(seen.error).toMatchObject({ scope: 'total', phase: 'waiting', cause: fault });
    expect(circuit.breaker.snapshot().stats).toMatchObject({ failedRequests: 1, releasedRequests: 1, timeoutRequests: 0 });
  });

  test.each([TOTAL_MS, TOTAL_MS + 5])('timers that come late begin no run at the deadline or after it: %s ms', async (lateMs) => {
    const seen = watch(guarded({ totalTimeoutMs: TOTAL_MS, retry: RETRY, fallback: 'spare' })());
    const told = watch(guarded({ totalTimeoutMs: TOTAL_MS, retry: RETRY })());
    work.run(0).reject(fault);
    work.run(1).reject(fault);
    await settle();
    circuit.clock.jump(lateMs);
    await settle();
    expect(work.runs).toHaveLength(2);
    expect([seen.value, told.error]).toMatchObject(['spare', { scope: 'total', phase: 'backoff', cause: fault }]);
    expect(budgetOf(circuit.breaker).tokens).toBe(BUDGET_TOKENS);
  });

  test('the fallback answers for it, but not for a caller who left meanwhile', async () => {
    const fallback = (): string => `spare ${++answers}`;
    let answers = 0;
    const stays = watch(guarded({ totalTimeoutMs: TOTAL_MS, fallback })());
    await circuit.clock.advance(TOTAL_MS);
    expect(stays.value).toBe('spare 1');
    const controller = new AbortController();
    circuit.breaker.on('call_failed', () => controller.abort('from within'));
    const leaves = watch(guarded({ totalTimeoutMs: TOTAL_MS, fallback })(controller.signal));
    await circuit.clock.advance(TOTAL_MS);
    expect([leaves.error, answers]).toEqual(['from within', 1]);
  });

  test('is one timer for all calls of one limit, and none is left of a call that is over', async () => {
    const { signal } = new AbortController();
    for (const end of ['resolve', 'reject'] as const) {
      newWork();
      const both = [1, 2].map(() => watch(guarded({ totalTimeoutMs: TOTAL_MS })(signal)));
      expect(circuit.clock.pendingTimers).toBe(1);
      for (const run of work.runs) run[end](fault);
      await settle();
      expect(both).toEqual([1, 2].map(() => (end === 'resolve' ? { value: fault } : { error: fault })));
      expect([getEventListeners(signal, 'abort').length, deadlineList(circuit.clock, TOTAL_MS).size]).toEqual([0, 0]);
    }
  });

  test('no wait that would end after it is begun', async () => {
    const seen = watch(guarded({ totalTimeoutMs: 100, retry: RETRY })());
    work.run().reject(fault);
    await settle();
    expect(seen.error).toBe(fault);
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
      newCircuit({ failureThreshold: type === 'retry_scheduled' ? 5 : 1 });
      newWork();
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

describe('what it pays for its retries', () => {
  const TAKEN = 10 * RETRY_COST;
  const spent = (): number => BUDGET_TOKENS - budgetOf(circuit.breaker).tokens;

  beforeEach(() => {
    for (let at = 0; at < 10; at++) budgetOf(circuit.breaker).take(false);
  });

  test('nothing for one that is not made, and a success at once gives a little back', async () => {
    watch(guarded({ totalTimeoutMs: TOTAL_MS })());
    work.run(0).reject(fault);
    await settle();
    expect(spent()).toBe(TAKEN);
    watch(guarded({ totalTimeoutMs: TOTAL_MS })());
    work.run(1).resolve(1);
    await settle();
    expect(spent()).toBe(TAKEN - SUCCESS_REFUND);
  });

  test('nothing for one that helped, and no more', async () => {
    const seen = watch(guarded({ retry: RETRY })());
    work.run(0).reject(fault);
    await circuit.clock.advance(100);
    expect(spent()).toBe(TAKEN + RETRY_COST);
    work.run(1).resolve('answer');
    await settle();
    expect([seen.value, spent()]).toEqual(['answer', TAKEN]);
  });

  test('less for one after a 429, which also waits longer; the price stays where it did not help', async () => {
    const limited = new HttpError(429, { ...NOWHERE, body: undefined, headers: {}, retryAfterMs: undefined });
    watch(guarded({ retry: { ...RETRY, maxAttempts: 2 } })());
    work.run(0).reject(limited);
    await circuit.clock.advance(999);
    expect([work.runs.length, spent()]).toEqual([1, TAKEN + THROTTLED_RETRY_COST]);
    await circuit.clock.advance(1);
    work.run(1).reject(limited);
    await settle();
    expect(spent()).toBe(TAKEN + THROTTLED_RETRY_COST);
    watch(guarded({ retry: RETRY })());
    work.run(2).reject(new HttpError(503, { ...NOWHERE, body: undefined, headers: {}, retryAfterMs: undefined }));
    await settle();
    expect(spent()).toBe(TAKEN + THROTTLED_RETRY_COST + RETRY_COST);
  });

  test('back, once, where it was not sent: by an abort in the wait, or by a listener who is told of it', async () => {
    const controller = new AbortController();
    watch(guarded({ retry: RETRY })(controller.signal));
    work.run(0).reject(fault);
    await settle();
    controller.abort('enough');
    expect(spent()).toBe(TAKEN);
    const other = new AbortController();
    circuit.breaker.on('retry_scheduled', () => other.abort('enough'));
    watch(guarded({ retry: RETRY })(other.signal));
    work.run(1).reject(fault);
    await settle();
    expect([spent(), circuit.clock.pendingTimers]).toEqual([TAKEN, 0]);
  });

  test('nothing is earned by a success whose caller left because of it', async () => {
    newCircuit({ successThreshold: 1 }).tripAndWait();
    budgetOf(circuit.breaker).take(false);
    const controller = new AbortController();
    circuit.breaker.on('circuit_closed', () => controller.abort('from within'));
    const seen = watch(guarded({ retry: RETRY })(controller.signal));
    work.run().resolve('answer');
    await settle();
    expect([seen.error, spent()]).toEqual(['from within', RETRY_COST]);
    expect(circuit.breaker.snapshot().stats).toMatchObject({ successfulRequests: 1, releasedRequests: 0 });
  });
});

describe('a circuit that refuses a later run', () => {
  test.each([1, 2])('leaves the caller the error of the %s before', async (runs) => {
    const seen = watch(guarded({ retry: RETRY })());
    const spare = watch(guarded({ retry: RETRY, fallback: 'spare' })());
    for (let at = 0; at < runs; at++) {
      work.run(2 * at).reject(fault);
      work.run(2 * at + 1).reject(fault);
      await settle();
      if (at + 1 === runs) circuit.breaker.forceOpen();
      await circuit.clock.advance(100 * (at + 1));
    }
    expect(spare.value).toBe('spare');
    if (runs === 1) expect(seen.error).toBe(fault);
    else expect(seen.error).toMatchObject({ kind: 'retry_exhausted', attempts: 2 });
    expect(work.runs).toHaveLength(2 * runs);
  });
});

test('several failures are told in their order, each as it was', async () => {
  const seen = watch(guarded({ retry: RETRY })());
  const faults = ['first', 'second', 'third'].map((message) => new Error(message));
  for (const [at, each] of faults.entries()) {
    work.run(at).reject(each);
    await circuit.clock.advance(300);
  }
  const { errors, lastError } = seen.error as RetryExhaustedError;
  expect(errors.map(({ cause }) => cause)).toEqual(faults);
  expect(errors[2]).toBe(lastError);
});

test('a fallback that answers when the caller has left answers nobody, and is not counted', async () => {
  const controller = new AbortController();
  let answer: (value: string) => void = () => undefined;
  const fallback = (): Promise<string> =>
    new Promise((resolve) => {
      answer = resolve;
    });
  const seen = watch(guarded({ fallback })(controller.signal));
  work.run().reject(fault);
  await settle();
  controller.abort('enough');
  answer('late');
  await settle();
  expect(seen).toEqual({ error: 'enough' });
  expect(circuit.breaker.snapshot().stats.fallbackCalls).toBe(0);
});

test('A44 refusals by the thousand: fresh errors without a cause', async () => {
  circuit.breaker.forceOpen();
  const call = guarded({ retry: RETRY, totalTimeoutMs: TOTAL_MS });
  const errors = await Promise.all(Array.from({ length: 1_000 }, () => call().catch((error: unknown) => error)));
  expect(new Set(errors).size).toBe(1_000);
  expect(errors.every((error) => error instanceof CircuitOpenError && error.cause === undefined)).toBe(true);
});
