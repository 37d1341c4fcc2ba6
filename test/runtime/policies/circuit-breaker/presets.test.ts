import { BreakerRegistry, CircuitBreaker, ConfigurationError, type PresetName } from 'fuseline';
import { PRESET_NAMES, PRESETS } from 'fuseline/config';
import { getCircuitBreaker } from 'fuseline/protect';
import { describe, expect, test } from 'vitest';
import { breakerInput } from '../../../../runtime/config/breaker-values.js';
import { resolvePolicy } from '../../../../runtime/config/layers.js';
import { breakerOptions } from '../../../../runtime/policies/circuit-breaker/options.js';
import { getThing, testClient } from '../../../support/client.js';

/** Failures, successes, wait in seconds, probes at once, calls of the window: what the guides recommend. */
const GUIDES: Readonly<Record<PresetName, readonly [number, number, number, number, number | undefined]>> = {
  aggressive: [3, 2, 30, 2, undefined],
  conservative: [10, 3, 120, 5, undefined],
  production: [5, 2, 60, 3, undefined],
  critical: [3, 5, 30, 2, undefined],
  standard: [5, 3, 60, 2, undefined],
  batch: [10, 3, 120, 2, undefined],
  llm: [3, 2, 60, 2, 10],
  streaming: [5, 3, 30, 2, 20],
  database: [2, 2, 120, 2, 15],
};

describe.each(Object.entries(GUIDES) as [PresetName, (typeof GUIDES)[PresetName]][])('%s', (preset, values) => {
  test('has the guides’ values, in code and in the YAML', () => {
    const { options } = new CircuitBreaker({ preset });
    const { failureThreshold, successThreshold, recoveryTimeoutMs, halfOpenMaxCalls, slidingWindow } = options;
    expect([failureThreshold, successThreshold, recoveryTimeoutMs / 1_000, halfOpenMaxCalls, slidingWindow?.size]).toEqual(values);
    const operation = { service: 'acme', namespace: 'things', id: 'things.get' };
    const yaml = resolvePolicy({ preset: { name: preset, values: PRESETS[preset] } }, operation);
    expect(options).toEqual(breakerOptions(breakerInput(yaml)));
  });

  test('sets each of its thresholds, also where others were set before', () => {
    const breaker = new CircuitBreaker({ failureThreshold: 99, successThreshold: 99, recoveryTimeoutMs: 99 });
    breaker.reconfigure({ preset });
    const { failureThreshold, successThreshold, recoveryTimeoutMs } = breaker.options;
    expect([failureThreshold, successThreshold, recoveryTimeoutMs / 1_000]).toEqual(values.slice(0, 3));
  });

  test('opens as it says', async () => {
    const breaker = new CircuitBreaker({ preset });
    const [failures, , , , size] = values;
    for (let at = 1; at <= failures; at++) {
      expect(breaker.state).toBe('closed');
      // A success between failures ends a row, and counts for nothing in a window.
      if (size !== undefined) await breaker.call(() => 1);
      await breaker.call(() => Promise.reject(new Error('down'))).catch(() => undefined);
    }
    expect(breaker.state).toBe('open');
  });
});

describe('beside a preset', () => {
  test('what is given is stronger, and what is undefined is not given', () => {
    const { options } = new CircuitBreaker({ preset: 'llm', failureThreshold: 4, ...({ successThreshold: undefined } as object) });
    expect(options).toMatchObject({ failureThreshold: 4, successThreshold: 2, slidingWindow: { size: 10 } });
    expect(new CircuitBreaker({ preset: 'llm', slidingWindow: false }).options.slidingWindow).toBeUndefined();
    const rates = new CircuitBreaker({ preset: 'llm', slidingWindow: { size: 50 } }).options.slidingWindow;
    expect(rates).toMatchObject({ size: 50, failureRateThreshold: 0.5, failureThresholdCounts: 'nothing' });
  });

  test('it works for shared circuits, for reconfiguring and for clients', () => {
    const registry = new BreakerRegistry();
    const shared = getCircuitBreaker('model', { registry, preset: 'llm' });
    expect(getCircuitBreaker('model', { registry, preset: 'llm' })).toBe(shared);
    expect(() => getCircuitBreaker('model', { registry, preset: 'batch' })).toThrow("failureThreshold of 'model' is 10, expected 3");
    shared.reconfigure({ preset: 'batch' });
    expect(shared.options).toMatchObject({ failureThreshold: 10, recoveryTimeoutMs: 120_000, slidingWindow: { size: 10 } });
    const client = testClient({ baseUrl: 'http://acme.test', breaker: { preset: 'database', successThreshold: 1 } });
    expect(client.breaker(getThing.id).options).toMatchObject({ failureThreshold: 2, successThreshold: 1, slidingWindow: { size: 15 } });
  });
});

test.each(['LLM', '', 'toString', null, 5, ['llm']])('%j is no preset', (preset) => {
  const make = (): unknown => new CircuitBreaker({ preset: preset as never });
  expect(make).toThrow(ConfigurationError);
  expect(make).toThrow(`expected one of ${PRESET_NAMES.join(', ')}`);
  expect(() => testClient({ breaker: { preset: preset as never } })).toThrow('breaker.preset is ');
});
