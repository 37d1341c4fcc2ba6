import { describe, expect, it } from 'vitest';
import { recoveryLayer } from '../../../runtime/call/client/recovery-layer.js';
import { breakerInput } from '../../../runtime/config/breaker-values.js';
import { parseBreakers } from '../../../runtime/config/index.js';
import { mergeLayers, resolvePolicy } from '../../../runtime/config/layers.js';
import { BreakerRegistry } from '../../../runtime/policies/circuit-breaker/registry.js';
import { ghl, messages } from './messages.js';

function circuitOf(settings: string): unknown {
  const { config, diagnostics } = parseBreakers(ghl(settings), 'b.yaml');
  expect(diagnostics).toEqual([]);
  if (config === undefined) throw new Error('The text is not valid.');
  const policy = resolvePolicy(config.service('ghl').policies, { service: 'ghl' });
  const { slidingWindow, reopenBackoff, ramp } = new BreakerRegistry().obtain('ghl', 'ghl', breakerInput(policy)).options;
  return { slidingWindow, reopenBackoff, ramp };
}

const none = { slidingWindow: undefined, reopenBackoff: undefined, ramp: undefined };

describe('windows, backoff and ramp in the file', () => {
  it('nothing said, nothing there', () => {
    expect(circuitOf('failure_threshold: 3')).toEqual(none);
    expect(circuitOf('sliding_window: false, reopen_backoff: false, ramp: false')).toEqual(none);
    expect(circuitOf('sliding_window: { enabled: false, size: 5 }')).toEqual(none);
  });

  it('every key, in seconds', () => {
    expect(
      circuitOf(`
      sliding_window: { type: time, size: 7, duration_seconds: 30, slots: 6, minimum_calls: 9, failure_rate_threshold: 0.4,
        slow_call_duration_seconds: 2.5, slow_call_rate_threshold: 0.8, failure_or_slow_rate_threshold: 0.9, failure_threshold_counts: consecutive },
      reopen_backoff: { multiplier: 3, max_seconds: 120, jitter: 0.5, reset_after_seconds: 90, flapping_success_threshold: 6 },
      ramp: { duration_seconds: 20, initial_share: 0.05 }`),
    ).toEqual({
      slidingWindow: {
        type: 'time',
        size: 7,
        durationMs: 30_000,
        slots: 6,
        minimumCalls: 9,
        failureRateThreshold: 0.4,
        slowCallDurationMs: 2_500,
        slowCallRateThreshold: 0.8,
        failureOrSlowRateThreshold: 0.9,
        failureThresholdCounts: 'consecutive',
      },
      reopenBackoff: { multiplier: 3, maxMs: 120_000, jitter: 0.5, resetAfterMs: 90_000, flappingSuccessThreshold: 6 },
      ramp: { durationMs: 20_000, initialShare: 0.05 },
    });
  });

  it('true means the defaults, a duration alone a time window, false no threshold', () => {
    expect(circuitOf('sliding_window: true, reopen_backoff: true, ramp: true')).toMatchObject({
      slidingWindow: { type: 'count', size: 100, minimumCalls: 20 },
      reopenBackoff: { multiplier: 2 },
      ramp: { initialShare: 0.1 },
    });
    expect(circuitOf('sliding_window: { duration_seconds: 5 }')).toMatchObject({ slidingWindow: { type: 'time', durationMs: 5_000 } });
    expect(circuitOf('sliding_window: { failure_rate_threshold: false, failure_threshold_counts: consecutive }')).toMatchObject({
      slidingWindow: { failureRateThreshold: null },
    });
  });

  it('window_size: failure_threshold failures among so many calls, as the guides have it; a small window needs no minimum', () => {
    expect(circuitOf('window_size: 10')).toMatchObject({
      slidingWindow: { type: 'count', size: 10, minimumCalls: 10, failureRateThreshold: null, failureThresholdCounts: 'window' },
    });
    expect(circuitOf('preset: streaming')).toMatchObject({ slidingWindow: { size: 20, failureThresholdCounts: 'window' } });
    expect(circuitOf('preset: database, sliding_window: false')).toEqual(none);
    expect(circuitOf('preset: llm, sliding_window: { failure_rate_threshold: 0.5 }')).toMatchObject({
      slidingWindow: { size: 10, failureRateThreshold: 0.5, failureThresholdCounts: 'window' },
    });
  });

  it.each([
    [
      'sliding_window: { size: 10, minimum_calls: 11 }',
      '3:40+13 error minimum-exceeds-window Ghl wants 11 calls before a rate counts, but its window holds 10, expected `minimum_calls` up to `size` | Lower `minimum_calls` to 10 or less, or widen the window.',
    ],
    [
      'preset: llm, failure_threshold: 12',
      '3:25+17 error threshold-exceeds-window Ghl opens at 12 failures among its last 10 calls, which cannot be, expected `failure_threshold` up to the size of the window | Lower `failure_threshold` to 10 or less, or widen the window.',
    ],
    [
      'sliding_window: { failure_rate_threshold: false }',
      '3:30+22 error window-opens-nothing The window of ghl has no threshold left that opens the circuit, expected at least one | Set `failure_rate_threshold`, or `failure_threshold_counts: consecutive`.',
    ],
    [
      'sliding_window: { slow_call_rate_threshold: 0.3 }',
      '3:30+24 warning nothing-is-slow The rate of slow calls of ghl has no effect: nothing says when a call is slow | Add `slow_call_duration_seconds` beside it.',
    ],
    [
      'recovery_timeout_seconds: 60, reopen_backoff: { max_seconds: 30 }',
      '3:60+11 warning backoff-below-recovery The longest wait of ghl is 30 s, shorter than its recovery timeout of 60 s, so the backoff has no effect | Set `max_seconds` above 60, or lower `recovery_timeout_seconds`.',
    ],
  ])('%s is found', (settings, message) => {
    expect(messages(ghl(settings)).map((line) => line.replace(/\. \|/, ' |'))).toEqual([message]);
  });

  it.each([
    ['window_size: 0', 'expected a whole number from 1 to 100,000'],
    ['sliding_window: { failure_rate_threshold: 50 }', 'expected a share above 0, up to 1, such as 0.5, or false for none'],
    ['sliding_window: { type: both }', 'expected count or time'],
    ['sliding_window: often', 'expected true, false or a mapping of window settings'],
    ['sliding_window: { size: 10 }, window_size: 5', '`size` and `window_size` (line 3) are two names of one setting'],
    ['reopen_backoff: { jitter: 2 }', 'expected a share from 0 to 1'],
    ['ramp: { duration_seconds: 0 }', 'expected a number of seconds from 0.001 to 86,400'],
  ])('%s is refused', (settings, expected) => {
    expect(
      messages(ghl(settings))
        .join('\n')
        .replace(/^.*: error/, ''),
    ).toContain(expected);
  });
});

describe('the same from a client', () => {
  it('only what is given, stronger than the file', () => {
    const layers = [
      { origin: 'built-in default', values: resolvePolicy({}, { service: 'ghl' }) },
      { origin: 'client options', values: recoveryLayer({ slidingWindow: { durationMs: 9_000 }, reopenBackoff: { maxMs: 1 }, ramp: {} }) },
    ];
    expect(mergeLayers(layers)).toMatchObject({
      windowEnabled: true,
      windowType: 'time',
      windowMs: 9_000,
      minimumCalls: 20,
      reopenBackoffEnabled: true,
      reopenMaxMs: 1,
      reopenMultiplier: 2,
      rampEnabled: true,
    });
    expect(recoveryLayer({})).toEqual({});
    expect(recoveryLayer({ slidingWindow: true, reopenBackoff: true, ramp: true })).toEqual({
      windowEnabled: true,
      reopenBackoffEnabled: true,
      rampEnabled: true,
    });
    expect(recoveryLayer({ slidingWindow: false, reopenBackoff: false, ramp: false })).toEqual({
      windowEnabled: false,
      reopenBackoffEnabled: false,
      rampEnabled: false,
    });
  });

  it('is checked at once', () => {
    expect(() => recoveryLayer({ slidingWindow: { size: 0 } })).toThrow('breaker.slidingWindow.size is 0');
    expect(() => recoveryLayer({ reopenBackoff: { jitter: 9 } })).toThrow('breaker.reopenBackoff.jitter is 9');
    expect(() => recoveryLayer({ ramp: { initialShare: -1 } })).toThrow('breaker.ramp.initialShare is -1');
  });
});
