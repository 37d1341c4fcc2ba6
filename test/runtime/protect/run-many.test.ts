import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { protect } from '../../../runtime/protect/protect.js';
import { Circuit } from '../policies/circuit-breaker/circuit.js';

const TIMEOUT_MS = 500;
const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

test('A30 100,000 runs on one signal: never more than one listener, none afterwards, and no warning', async () => {
  const circuit = new Circuit();
  const warnings: Error[] = [];
  const warn = (warning: Error): void => void warnings.push(warning);
  process.on('warning', warn);
  const { signal } = new AbortController();
  const call = protect(async () => 1, { breaker: circuit.breaker, timeoutMs: TIMEOUT_MS });
  for (let at = 0; at < 100; at++) {
    const runs = Array.from({ length: 1_000 }, () => call(signal));
    expect(listeners(signal)).toBe(1);
    await Promise.all(runs);
    expect(listeners(signal)).toBe(0);
  }
  await circuit.clock.advance(TIMEOUT_MS);
  process.off('warning', warn);
  expect(warnings).toEqual([]);
  expect(circuit.breaker.snapshot().stats.successfulRequests).toBe(100_000);
  expect(circuit.clock.pendingTimers).toBe(0);
});
