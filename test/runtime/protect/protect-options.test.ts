import { describe, expect, test } from 'vitest';
import { ConfigurationError } from '../../../runtime/errors/configuration-error.js';
import { lastGood } from '../../../runtime/policies/fallback/fallback.js';
import { protect } from '../../../runtime/protect/protect.js';
import type { ProtectOptions } from '../../../runtime/protect/protect-options.js';
import { Circuit } from '../policies/circuit-breaker/circuit.js';

const { breaker } = new Circuit();
const guarded = (options: Partial<ProtectOptions>): unknown => protect((): unknown => 1, { breaker, ...options });

describe('options that cannot work', () => {
  test.each([Number.NaN, 0, -1, '500', {}])('timeoutMs: %s', (timeoutMs) => {
    const make = (): unknown => guarded({ timeoutMs: timeoutMs as number });
    expect(make).toThrow(ConfigurationError);
    expect(make).toThrow(/^timeoutMs is .+, expected milliseconds, more than 0, or null for no limit$/);
  });

  test('no circuit, no function, no predicate', () => {
    expect(() => guarded({ breaker: undefined as never })).toThrow(/^breaker is undefined, expected a CircuitBreaker\. `getCircuitBreaker/);
    expect(() => guarded({ isFailure: 'yes' as never })).toThrow(/^isFailure is "yes", expected a function$/);
    expect(() => protect('fn' as never, { breaker: breaker })).toThrow(/^fn is "fn", expected a function$/);
  });

  test('a fallback that needs a client', () => {
    expect(() => guarded({ fallback: lastGood() })).toThrow(/^fallback is "lastGood\(\)", expected a value or a function/);
  });

  test.each([
    [{ totalTimeoutMs: 0 }, /^totalTimeoutMs is 0, expected milliseconds, more than 0, or null for no limit$/],
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
