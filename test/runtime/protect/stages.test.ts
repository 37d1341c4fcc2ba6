import { describe, expect, test } from 'vitest';
import { HttpError, type HttpErrorDetails } from '../../../runtime/errors/http-error.js';
import { BUDGET_TOKENS, RETRY_COST } from '../../../runtime/policies/retry/retry-budget.js';
import { budgetOf } from '../../../runtime/protect/circuit-budget.js';
import { watch } from '../../support/watch.js';
import { circuit, freshForEach, guarded, newCircuit, settle, work } from './fixture.js';

const TOTAL_MS = 2_000;
const RETRY = { maxAttempts: 2, baseDelayMs: 100, jitter: false };
const fault = new Error('secret of the service');
const details: HttpErrorDetails<undefined> = {
  service: 's',
  operation: 'o',
  method: 'GET',
  path: '/',
  body: undefined,
  headers: {},
  retryAfterMs: 1_000,
};

freshForEach({ failureThreshold: 10 });

describe('a fallback', () => {
  test('that outlasts the deadline is asked once, and answers', async () => {
    const asked: (() => void)[] = [];
    const fallback = (): Promise<string> => new Promise((resolve) => asked.push(() => resolve('late')));
    const seen = watch(guarded({ totalTimeoutMs: TOTAL_MS, fallback })());
    work.run().reject(fault);
    await circuit.clock.advance(TOTAL_MS * 2);
    expect([asked.length, seen]).toEqual([1, {}]);
    asked[0]?.();
    await settle();
    expect([asked.length, seen.value]).toEqual([1, 'late']);
  });

  test.each([
    ['the last failure, not all of them', false],
    ['the last failure, not the refusal after it', true],
  ])('names as its cause %s', async (_, refused) => {
    const seen = watch(guarded({ retry: RETRY, fallback: 'spare' })());
    work.run(0).reject(new HttpError(503, { ...details, retryAfterMs: undefined }));
    await settle();
    if (refused) circuit.breaker.forceOpen();
    await circuit.clock.advance(100);
    if (!refused) {
      work.run(1).reject(fault);
      await settle();
    }
    expect(seen.value).toBe('spare');
    expect(circuit.events.at(-1)).toMatchObject({ type: 'fallback_used', cause: refused ? 'http_503' : 'error' });
  });
});

test('a run that was paid for and refused is given back', async () => {
  watch(guarded({ retry: RETRY })());
  work.run(0).reject(fault);
  await settle();
  expect(budgetOf(circuit.breaker).tokens).toBe(BUDGET_TOKENS - RETRY_COST);
  circuit.breaker.forceOpen();
  await circuit.clock.advance(100);
  expect(budgetOf(circuit.breaker).tokens).toBe(BUDGET_TOKENS);
});

test.each([
  [true, 1_100],
  [false, 1_000],
])('jitter: %s spreads an error’s own Retry-After as that of an answer: %s ms', async (jitter, delayMs) => {
  watch(guarded({ retry: { ...RETRY, jitter }, random: () => 1 })());
  work.run(0).reject(new HttpError(503, details));
  await settle();
  expect(circuit.events.at(-1)).toMatchObject({ type: 'retry_scheduled', delayMs });
});

test('a limit of the run that is up is a failure whatever `isFailure` says: it is run again, and the fallback answers', async () => {
  const seen = watch(guarded({ retry: RETRY, timeoutMs: 500, isFailure: () => false, fallback: 'spare' })());
  await circuit.clock.advance(600);
  expect(work.runs).toHaveLength(2);
  await circuit.clock.advance(500);
  expect(seen.value).toBe('spare');
});

describe('predicates that abort the call', () => {
  test.each(['isFailure', 'when'] as const)('%s: the caller gets its reason, and nothing is paid or counted twice', async (which) => {
    const controller = new AbortController();
    const abort = (): boolean => {
      controller.abort('from within');
      return true;
    };
    const options = which === 'when' ? { retry: { ...RETRY, when: abort } } : { retry: RETRY, isFailure: abort };
    const seen = watch(guarded(options)(controller.signal));
    work.run().reject(fault);
    await circuit.clock.advance(1_000);
    expect([seen.error, work.runs.length, budgetOf(circuit.breaker).tokens]).toEqual(['from within', 1, BUDGET_TOKENS]);
    const { failedRequests, releasedRequests } = circuit.breaker.snapshot().stats;
    expect([failedRequests, releasedRequests]).toEqual(which === 'when' ? [1, 0] : [0, 1]);
  });
});

test('a listener that aborts the call because it failed does not undo the failure', async () => {
  newCircuit({ failureThreshold: 1 });
  const controller = new AbortController();
  circuit.breaker.on('call_failed', () => controller.abort('from within'));
  const seen = watch(guarded()(controller.signal));
  work.run().reject(fault);
  await settle();
  expect(seen.error).toBe('from within');
  expect(circuit.breaker.snapshot()).toMatchObject({ state: 'open', stats: { failedRequests: 1, releasedRequests: 0 } });
});

test('promises that settle far apart are told apart, although their handlers are used again', async () => {
  const call = guarded();
  const calls = Array.from({ length: 200 }, () => watch(call()));
  for (let at = 0; at < 100; at++) work.run(at).resolve(at);
  await settle();
  const later = Array.from({ length: 100 }, () => watch(call()));
  for (let at = 299; at >= 100; at--) work.run(at).resolve(at);
  await settle();
  expect([...calls, ...later].map(({ value }) => value)).toEqual(Array.from({ length: 300 }, (_, at) => at));
});

test('events of single runs name no operation if the function was given no name', async () => {
  for (const options of [{}, { retry: RETRY }, { name: 'rates' }]) {
    watch(guarded(options)());
    work.run(work.runs.length - 1).reject(fault);
    await settle();
  }
  circuit.breaker.forceOpen();
  watch(guarded({ retry: RETRY })());
  await settle();
  const about = circuit.events.filter(({ type }) => type === 'call_failed' || type === 'call_rejected');
  expect(about.map((event) => 'operation' in event && event.operation)).toEqual([undefined, undefined, 'rates', undefined]);
});
