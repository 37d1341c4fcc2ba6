import { describe, expect, test } from 'vitest';
import { CircuitBreaker } from '../../../runtime/breaker/breaker.js';
import { BREAKER_DEFAULTS, type BreakerOptions, breakerOptions } from '../../../runtime/breaker/options.js';
import { BreakerRegistry } from '../../../runtime/breaker/registry.js';
import { POLICY_DEFAULTS } from '../../../runtime/config/defaults.js';
import { ConfigurationError } from '../../../runtime/errors/configuration-error.js';

const COUNTS = ['failureThreshold', 'successThreshold', 'halfOpenMaxCalls'] as const;
const NOT_COUNTS = [Number.NaN, 0, -1, 1.5, Number.POSITIVE_INFINITY, 2 ** 53, '3', null, {}];

function faultOf(make: () => unknown): ConfigurationError {
  try {
    make();
  } catch (error) {
    if (error instanceof ConfigurationError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('breaker options', () => {
  for (const key of COUNTS) {
    test.each(NOT_COUNTS)(`${key}: %s is refused with key, value and range`, (value) => {
      const fault = faultOf(() => new CircuitBreaker({ [key]: value } as Partial<BreakerOptions>));
      expect(fault).toMatchObject({ kind: 'configuration', code: 'ECONFIG', option: `breaker.${key}` });
      const shown = typeof value === 'string' ? '"3"' : typeof value === 'object' && value !== null ? 'an object' : String(value);
      expect(fault.message).toBe(`breaker.${key} is ${shown}, expected a whole number, 1 or more`);
    });
  }

  test.each([Number.NaN, -1, Number.POSITIVE_INFINITY, '60', null])(
    'recoveryTimeoutMs: %s is refused with key, value and range',
    (value) => {
      const fault = faultOf(() => breakerOptions({ recoveryTimeoutMs: value as number }));
      expect(fault.option).toBe('breaker.recoveryTimeoutMs');
      expect(fault.message).toMatch(/is .+, expected milliseconds, 0 or more$/);
    },
  );

  test.each(['false', 0, 1, null])('enabled: %s is refused', (value) => {
    const fault = faultOf(() => breakerOptions({ enabled: value as unknown as boolean }));
    expect(fault.message).toContain('expected true or false');
  });

  test.each(['', 5, null, {}])('name: %s is refused', (value) => {
    const fault = faultOf(() => new CircuitBreaker({ name: value as string }));
    expect(fault.option).toBe('breaker.name');
  });

  test('the least values that work', () => {
    const least = { enabled: false, failureThreshold: 1, successThreshold: 1, recoveryTimeoutMs: 0, halfOpenMaxCalls: 1 };
    expect(breakerOptions(least)).toEqual(least);
  });

  test('undefined means the default', () => {
    const given = Object.fromEntries(Object.keys(BREAKER_DEFAULTS).map((key) => [key, undefined]));
    expect(breakerOptions(given as Partial<BreakerOptions>)).toEqual(BREAKER_DEFAULTS);
  });

  test('a registry checks as well, and a circuit keeps nothing of a policy but its own five values', () => {
    const registry = new BreakerRegistry();
    expect(() => registry.obtain('x', 'x', { ...BREAKER_DEFAULTS, failureThreshold: 0 })).toThrow(ConfigurationError);
    const policy = { ...POLICY_DEFAULTS, totalTimeoutMs: 1 };
    expect(registry.obtain('x', 'x', policy).options).toEqual(BREAKER_DEFAULTS);
  });
});
