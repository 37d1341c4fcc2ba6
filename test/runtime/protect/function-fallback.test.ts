import { describe, expect, test } from 'vitest';
import { CircuitOpenError } from '../../../runtime/errors/call-errors.js';
import { chain, type FallbackContext, value } from '../../../runtime/policies/fallback/fallback.js';
import { watch } from '../../support/watch.js';
import { circuit, freshForEach, guarded, newCircuit, settle, work } from './fixture.js';

const TIMEOUT_MS = 500;
const fault = new Error('secret of the service');

freshForEach({ failureThreshold: 10 });

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
});

describe('A40 A41 listeners', () => {
  test('that throw or call again change nothing', async () => {
    newCircuit({ failureThreshold: 1 });
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
