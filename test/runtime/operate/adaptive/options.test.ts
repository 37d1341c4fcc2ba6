import { describe, expect, it } from 'vitest';
import { BreakerRegistry, ConfigurationError } from '../../../../runtime/index.js';
import { type AdaptiveOptions, adaptThresholds } from '../../../../runtime/operate/adaptive/index.js';
import { FakeClock } from '../../../../runtime/testing/fake-clock.js';
import { testClient } from '../../../support/client.js';

const clock = new FakeClock();

describe('options', () => {
  it.each([
    [{ mode: 'guess' }, 'mode is "guess", expected propose or apply'],
    [{ intervalMs: 0 }, 'intervalMs is 0, expected milliseconds from 1 to'],
    [{ intervalMs: Number.NaN }, 'intervalMs is NaN'],
    [{ intervalMs: 3e9 }, 'intervalMs is 3000000000'],
    [{ minimumCalls: 0.5 }, 'minimumCalls is 0.5, expected a whole number, 1 or more'],
    [{ failureThreshold: 5 }, 'failureThreshold is 5, expected an object with min and max'],
    [{ failureThreshold: { min: 0, max: 3 } }, 'failureThreshold.min is 0, expected a whole number, 1 or more'],
    [{ failureThreshold: { min: 2 } }, 'failureThreshold.max is undefined'],
    [{ failureThreshold: { min: 5, max: 4 } }, 'failureThreshold.min is 5, expected at most max, which is 4'],
    [{ failureRateThreshold: { min: 0.1, max: 2 } }, 'failureRateThreshold.max is 2, expected a share above 0, up to 1'],
    [{ recoveryTimeoutMs: { min: 0, max: 5 } }, 'recoveryTimeoutMs.min is 0, expected milliseconds from 1'],
    [{ slowCallDurationMs: { min: 1, max: Number.POSITIVE_INFINITY } }, 'slowCallDurationMs.max is Infinity'],
  ])('%j is refused', (options, message) => {
    const attempt = (): unknown => adaptThresholds(new BreakerRegistry(), { clock, ...options } as AdaptiveOptions);
    expect(attempt).toThrow(ConfigurationError);
    expect(attempt).toThrow(message);
    expect(clock.pendingTimers).toBe(0);
  });

  it.each([[{}], [undefined], ['crm']])('a source that is %j is refused', (source) => {
    expect(() => adaptThresholds(source as never)).toThrow('expected a BreakerRegistry or a client');
  });
});

describe('one controller for each circuit', () => {
  it('a second one is refused until the first has stopped', () => {
    const client = testClient({ clock, dispatcher: { dispatch: () => true } }, { baseUrl: 'https://acme.example' });
    const registry = new BreakerRegistry();
    const own = testClient({ registry, clock }, { baseUrl: 'https://acme.example' });
    using first = adaptThresholds(registry, { clock });
    expect(() => adaptThresholds(registry, { clock })).toThrow('circuits that no other controller adapts');
    expect(() => adaptThresholds(own, { clock })).toThrow('circuits that no other controller adapts');
    adaptThresholds(client, { clock }).stop();
    first.stop();
    using second = adaptThresholds(own, { clock });
    expect(() => adaptThresholds(registry, { clock })).toThrow('circuits that no other controller adapts');
    expect(second.status()).toEqual([]);
  });
});
