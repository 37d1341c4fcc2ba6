import { getEventListeners } from 'node:events';
import { beforeEach, describe, expect, test } from 'vitest';
import { CircuitOpenError, TimeoutError } from '../../../runtime/errors/call-errors.js';
import { BUDGET_TOKENS } from '../../../runtime/policies/retry-budget.js';
import { budgetOf } from '../../../runtime/protect/function-retry.js';
import { protect } from '../../../runtime/protect/protect.js';
import type { ProtectOptions } from '../../../runtime/protect/protect-options.js';
import type { ProtectContext } from '../../../runtime/protect/run.js';
import { noUnhandledRejections } from '../../support/unhandled.js';
import { Work, watch } from '../../support/watch.js';
import { Circuit } from '../breaker/circuit.js';

const TOTAL_MS = 2_000;
const RETRY = { maxAttempts: 3, baseDelayMs: 100, jitter: false };
const fault = new Error('secret of the service');

let circuit: Circuit;
let work: Work<ProtectContext>;

beforeEach(() => {
  circuit = new Circuit({ failureThreshold: 10 });
  work = new Work();
});

const settle = (): Promise<void> => circuit.clock.advance(0);
noUnhandledRejections(settle);

const guarded = (options: Partial<ProtectOptions<unknown, unknown[]>> = {}) => protect(work.fn, { breaker: circuit.breaker, ...options });

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

test('A44 refusals by the thousand: fresh errors without a cause', async () => {
  circuit.breaker.forceOpen();
  const call = guarded({ retry: RETRY, totalTimeoutMs: TOTAL_MS });
  const errors = await Promise.all(Array.from({ length: 1_000 }, () => call().catch((error: unknown) => error)));
  expect(new Set(errors).size).toBe(1_000);
  expect(errors.every((error) => error instanceof CircuitOpenError && error.cause === undefined)).toBe(true);
});
