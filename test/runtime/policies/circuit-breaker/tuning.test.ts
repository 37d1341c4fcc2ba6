import { beforeEach, describe, expect, test } from 'vitest';
import type { CircuitBreaker } from '../../../../runtime/policies/circuit-breaker/breaker.js';

import { type BreakerInput, breakerOptions } from '../../../../runtime/policies/circuit-breaker/options.js';
import { BreakerRegistry } from '../../../../runtime/policies/circuit-breaker/registry.js';
import { configure, configuredOptions, endTuning, tune } from '../../../../runtime/policies/circuit-breaker/tuning.js';
import { FakeClock } from '../../../../runtime/testing/fake-clock.js';

let registry: BreakerRegistry;

beforeEach(() => {
  registry = new BreakerRegistry({ clock: new FakeClock() });
});

const get = (given: BreakerInput = {}): CircuitBreaker => registry.obtain('billing', 'billing', given);

describe('a tuned circuit', () => {
  test('goes by its new thresholds, and is found by what was configured', () => {
    const circuit = get({ successThreshold: 2 });
    tune(circuit, { failureThreshold: 9, slidingWindow: { size: 30 } });
    tune(circuit, { halfOpenMaxCalls: 7 });
    expect(circuit.options).toMatchObject({
      failureThreshold: 9,
      successThreshold: 2,
      halfOpenMaxCalls: 7,
      slidingWindow: { size: 30 },
    });
    expect(configuredOptions(circuit)).toEqual(breakerOptions({ successThreshold: 2 }));
    expect(get({ successThreshold: 2 })).toBe(circuit);
    expect(get({ failureThreshold: 9, successThreshold: 2 })).not.toBe(circuit);
  });

  test('goes back to what was configured, whole', () => {
    const given = { recoveryTimeoutMs: 5, ramp: { durationMs: 100 } };
    const circuit = get(given);
    tune(circuit, { ramp: false, reopenBackoff: {}, slidingWindow: {}, failureThreshold: 9, enabled: false });
    endTuning(circuit);
    expect(circuit.options).toEqual(breakerOptions(given));
    circuit.reconfigure({ failureThreshold: 8 });
    endTuning(circuit);
    expect(circuit.options.failureThreshold, 'there is nothing to go back to any more').toBe(8);
    expect(configuredOptions(circuit)).toBe(circuit.options);
  });

  test.each<[string, BreakerInput, BreakerInput]>([
    ['enabled', { enabled: false }, {}],
    ['failureThreshold', { failureThreshold: 7 }, {}],
    ['successThreshold', { successThreshold: 7 }, {}],
    ['recoveryTimeoutMs', { recoveryTimeoutMs: 7 }, {}],
    ['halfOpenMaxCalls', { halfOpenMaxCalls: 7 }, {}],
    ['slidingWindow', { slidingWindow: { size: 30 } }, { slidingWindow: { size: 40 } }],
    ['reopenBackoff', { reopenBackoff: { multiplier: 3 } }, { reopenBackoff: { multiplier: 4 } }],
    ['ramp', { ramp: { durationMs: 70 } }, { ramp: { durationMs: 80 } }],
  ])('whose %s someone reconfigures: that is configured from then on, and nothing that was tuned', (_, meant, before) => {
    const circuit = get(before);
    tune(circuit, { failureThreshold: 9, successThreshold: 9, halfOpenMaxCalls: 9, recoveryTimeoutMs: 9 });
    circuit.reconfigure(meant);
    expect(configuredOptions(circuit)).toEqual(breakerOptions({ ...before, ...meant }));
    endTuning(circuit);
    expect(circuit.options).toEqual(breakerOptions({ ...before, ...meant }));
  });

  test('stays tuned where it is configured as before, and only there', () => {
    const circuit = get({ failureThreshold: 2 });
    tune(circuit, { failureThreshold: 9 });
    configure(circuit, { failureThreshold: 2 });
    expect(circuit.options.failureThreshold).toBe(9);
    configure(circuit, { failureThreshold: 3 });
    expect(circuit.options).toEqual(breakerOptions({ failureThreshold: 3 }));
    expect(get({ failureThreshold: 3 })).toBe(circuit);
    endTuning(circuit);
    expect(circuit.options.failureThreshold).toBe(3);
    configure(circuit, breakerOptions({ failureThreshold: 3 }));
    tune(circuit, { failureThreshold: 4 });
    endTuning(circuit);
    expect(circuit.options.failureThreshold).toBe(3);
  });

  test('that is configured anew loses what is no longer there', () => {
    const circuit = get({ slidingWindow: {}, reopenBackoff: {}, ramp: {}, failureThreshold: 3 });
    configure(circuit, { successThreshold: 2 });
    expect(circuit.options).toEqual(breakerOptions({ failureThreshold: 3, successThreshold: 2 }));
  });

  test('is the only one that goes back', () => {
    const circuit = get({ ramp: {} });
    const { options } = circuit;
    endTuning(circuit);
    expect(circuit.options).toBe(options);
  });

  test('is not tuned to what cannot be', () => {
    const circuit = get();
    expect(() => tune(circuit, { failureThreshold: 0 })).toThrow(/^breaker.failureThreshold is 0/);
    configure(circuit, { failureThreshold: 6 });
    expect(configuredOptions(circuit)).toEqual(breakerOptions({ failureThreshold: 6 }));
  });
});
