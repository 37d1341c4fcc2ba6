import { describe, expect, test } from 'vitest';
import { ConfigurationError } from '../../../../runtime/errors/configuration-error.js';
import { CircuitBreaker } from '../../../../runtime/policies/circuit-breaker/breaker.js';
import {
  BREAKER_DEFAULTS,
  type BreakerInput,
  type BreakerOptions,
  breakerOptions,
  DEFAULT_LEASE_MS,
  leaseOf,
} from '../../../../runtime/policies/circuit-breaker/options.js';
import { BreakerRegistry } from '../../../../runtime/policies/circuit-breaker/registry.js';
import type { SlidingWindowOptions } from '../../../../runtime/policies/circuit-breaker/window/options.js';

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
    expect(fault.message).toMatch(/^breaker\.enabled is .*, expected true or false$/);
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

  test('a registry checks as well', () => {
    const registry = new BreakerRegistry();
    expect(() => registry.obtain('x', 'x', { ...BREAKER_DEFAULTS, failureThreshold: 0 })).toThrow(ConfigurationError);
    expect(() => registry.obtain('x', 'x', { ...BREAKER_DEFAULTS, failureTreshold: 3 } as BreakerInput)).toThrow(
      'breaker.failureTreshold is not an option of a circuit, expected a known option. Did you mean failureThreshold?',
    );
  });
});

describe('window, backoff and ramp that are only switched on', () => {
  test('have their defaults', () => {
    const on = breakerOptions({ slidingWindow: true, reopenBackoff: true, ramp: true });
    expect(on).toEqual(breakerOptions({ slidingWindow: {}, reopenBackoff: {}, ramp: {} }));
    expect(on).toMatchObject({ slidingWindow: { size: 100 }, reopenBackoff: { multiplier: 2 }, ramp: { durationMs: 10_000 } });
  });

  test('keep the values that there are: of the preset, and of the circuit', () => {
    expect(breakerOptions({ preset: 'llm', slidingWindow: true })).toEqual(breakerOptions({ preset: 'llm' }));
    const circuit = new CircuitBreaker({ slidingWindow: { size: 30 }, ramp: { durationMs: 500 } });
    circuit.reconfigure({ slidingWindow: true, reopenBackoff: true, enabled: true });
    expect(circuit.options).toMatchObject({ slidingWindow: { size: 30 }, reopenBackoff: { multiplier: 2 }, ramp: { durationMs: 500 } });
  });
});

describe('window, backoff and ramp', () => {
  test.each<[BreakerInput, string]>([
    [{ slidingWindow: { size: 0 } }, 'breaker.slidingWindow.size is 0, expected a whole number from 1 to 100,000'],
    [{ slidingWindow: { size: 100_001 } }, 'breaker.slidingWindow.size is 100001, expected a whole number from 1 to 100,000'],
    [{ slidingWindow: { slots: 101 } }, 'breaker.slidingWindow.slots is 101, expected a whole number from 1 to 100'],
    [{ slidingWindow: { durationMs: 0 } }, 'breaker.slidingWindow.durationMs is 0, expected milliseconds, 1 or more'],
    [{ slidingWindow: { minimumCalls: 1.5 } }, 'breaker.slidingWindow.minimumCalls is 1.5, expected a whole number, 1 or more'],
    [{ slidingWindow: { size: 10, minimumCalls: 11 } }, 'breaker.slidingWindow.minimumCalls is 11, expected at most size, which is 10'],
    [
      { slidingWindow: { failureRateThreshold: 50 } },
      'breaker.slidingWindow.failureRateThreshold is 50, expected a share above 0, up to 1, or null for none',
    ],
    [
      { slidingWindow: { slowCallRateThreshold: 0 } },
      'breaker.slidingWindow.slowCallRateThreshold is 0, expected a share above 0, up to 1, or null for none',
    ],
    [
      { slidingWindow: { failureOrSlowRateThreshold: Number.NaN } },
      'breaker.slidingWindow.failureOrSlowRateThreshold is NaN, expected a share above 0, up to 1, or null for none',
    ],
    [{ slidingWindow: { slowCallDurationMs: 0 } }, 'breaker.slidingWindow.slowCallDurationMs is 0, expected milliseconds, 1 or more'],
    [{ slidingWindow: { type: 'both' as 'time' } }, `breaker.slidingWindow.type is "both", expected 'count' or 'time'`],
    [
      { slidingWindow: { failureThresholdCounts: 'x' as 'window' } },
      `breaker.slidingWindow.failureThresholdCounts is "x", expected 'nothing', 'consecutive' or 'window'`,
    ],
    [
      { failureThreshold: 6, slidingWindow: { size: 5, failureThresholdCounts: 'window' } },
      'breaker.failureThreshold is 6, expected at most slidingWindow.size, which is 5',
    ],
    [
      { slidingWindow: { failureRateThreshold: null } },
      'breaker.slidingWindow is "a window that opens nothing", expected a rate threshold, or failureThresholdCounts other than nothing',
    ],
    [{ slidingWindow: 5 as never }, 'breaker.slidingWindow is 5, expected true, false or an object'],
    [{ reopenBackoff: null as never }, 'breaker.reopenBackoff is null, expected true, false or an object'],
    [{ reopenBackoff: { multiplier: 0.5 } }, 'breaker.reopenBackoff.multiplier is 0.5, expected a number from 1 to 100'],
    [{ reopenBackoff: { multiplier: 101 } }, 'breaker.reopenBackoff.multiplier is 101, expected a number from 1 to 100'],
    [
      { slidingWindow: { failureRateThreshold: null, slowCallDurationMs: 100, slowCallRateThreshold: null } },
      'breaker.slidingWindow is "a window that opens nothing", expected a rate threshold, or failureThresholdCounts other than nothing',
    ],
    [{ reopenBackoff: { maxMs: Number.POSITIVE_INFINITY } }, 'breaker.reopenBackoff.maxMs is Infinity, expected milliseconds, 0 or more'],
    [{ reopenBackoff: { jitter: 2 } }, 'breaker.reopenBackoff.jitter is 2, expected a share from 0 to 1'],
    [{ reopenBackoff: { resetAfterMs: -1 } }, 'breaker.reopenBackoff.resetAfterMs is -1, expected milliseconds, 0 or more'],
    [
      { reopenBackoff: { flappingSuccessThreshold: 0 } },
      'breaker.reopenBackoff.flappingSuccessThreshold is 0, expected a whole number, 1 or more',
    ],
    [{ ramp: { durationMs: 0 } }, 'breaker.ramp.durationMs is 0, expected milliseconds, 1 or more'],
    [{ ramp: { initialShare: 1.1 } }, 'breaker.ramp.initialShare is 1.1, expected a share from 0 to 1'],
  ])('%j is refused with key, value and range', (given, message) => {
    expect(faultOf(() => new CircuitBreaker(given)).message).toBe(message);
  });

  test('defaults, and a duration alone means a time window', () => {
    expect(breakerOptions({ slidingWindow: {}, reopenBackoff: {}, ramp: {} })).toEqual({
      ...BREAKER_DEFAULTS,
      slidingWindow: {
        type: 'count',
        size: 100,
        durationMs: 60_000,
        slots: 10,
        minimumCalls: 20,
        failureRateThreshold: 0.5,
        slowCallDurationMs: null,
        slowCallRateThreshold: 0.5,
        failureOrSlowRateThreshold: null,
        failureThresholdCounts: 'nothing',
      },
      reopenBackoff: { multiplier: 2, maxMs: 300_000, jitter: 0.2, resetAfterMs: 60_000, flappingSuccessThreshold: null },
      ramp: { durationMs: 10_000, initialShare: 0.1 },
    });
    expect(breakerOptions({ slidingWindow: { durationMs: 5_000 } }).slidingWindow?.type).toBe('time');
    expect(breakerOptions({ slidingWindow: { size: 7 } }).slidingWindow).toMatchObject({ type: 'count', minimumCalls: 7 });
    expect(breakerOptions({ slidingWindow: false, reopenBackoff: false, ramp: false })).toEqual(BREAKER_DEFAULTS);
  });

  test('the ends of each range are in it', () => {
    for (const multiplier of [1, 100])
      expect(breakerOptions({ reopenBackoff: { multiplier } }).reopenBackoff).toMatchObject({ multiplier });
    const full = { size: 5, minimumCalls: 5, failureThresholdCounts: 'window' } as const;
    expect(breakerOptions({ failureThreshold: 5, slidingWindow: full }).slidingWindow).toMatchObject(full);
  });

  test('a time window holds any number of calls, whatever `size` is', () => {
    const slidingWindow = { type: 'time', size: 10, minimumCalls: 500, failureThresholdCounts: 'window' } as const;
    expect(breakerOptions({ failureThreshold: 1_000, slidingWindow }).slidingWindow).toMatchObject(slidingWindow);
    expect(breakerOptions({ slidingWindow: { type: 'time', size: 10 } }).slidingWindow?.minimumCalls).toBe(20);
  });

  test('the type, where nothing but extents or a type is given', () => {
    const typeOf = (slidingWindow: SlidingWindowOptions): unknown => breakerOptions({ slidingWindow }).slidingWindow?.type;
    expect(typeOf({ type: 'time' })).toBe('time');
    expect(typeOf({ size: 30, durationMs: 5_000 })).toBe('count');
    expect(typeOf({ type: 'time', size: 30 })).toBe('time');
  });

  test('a registry tells circuits of other windows apart, and finds the same again in whatever order it was written', () => {
    const registry = new BreakerRegistry();
    const first = registry.obtain('x', 'x', { slidingWindow: { size: 10, slots: 5 }, ramp: {} });
    expect(registry.obtain('x', 'x', { ramp: {}, slidingWindow: { slots: 5, size: 10 } })).toBe(first);
    const others = [{ slidingWindow: { size: 11 } }, { slidingWindow: { size: 10, slots: 5 } }, { reopenBackoff: {} }, {}];
    const circuits = others.map((given) => registry.obtain('x', 'x', given));
    expect(new Set([first, ...circuits]).size).toBe(5);
    expect(registry.obtain('x', 'x', { reopenBackoff: {} })).toBe(circuits[2]);
  });
});

test('a lease is a second longer than the time limit of the work; half a minute where there is none', () => {
  expect([leaseOf(10, 20), leaseOf(0, 20), leaseOf(undefined, 20), leaseOf(null, 20)]).toEqual([1_010, 1_000, 1_020, 1_020]);
  expect([leaseOf(undefined, undefined), leaseOf(null, null)]).toEqual([DEFAULT_LEASE_MS, DEFAULT_LEASE_MS]);
  expect(DEFAULT_LEASE_MS).toBe(30_000);
});
