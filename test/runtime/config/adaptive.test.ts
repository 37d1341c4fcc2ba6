import { describe, expect, it } from 'vitest';
import { explainService, parseBreakers } from '../../../runtime/config/index.js';
import { resolvePolicy } from '../../../runtime/config/layers.js';
import type { PolicyValues } from '../../../runtime/config/types.js';
import { ghl, messages } from './messages.js';

function policyOf(settings: string): PolicyValues {
  const { config, diagnostics } = parseBreakers(ghl(settings), 'b.yaml');
  expect(diagnostics).toEqual([]);
  if (config === undefined) throw new Error('The text is not valid.');
  return resolvePolicy(config.service('ghl').policies, { service: 'ghl' });
}

describe('adaptive thresholds in the file', () => {
  it('are off unless there is a mapping', () => {
    for (const settings of ['failure_threshold: 3', 'adaptive: false'])
      expect(policyOf(settings)).toMatchObject({ adaptiveEnabled: false, adaptiveFailureThreshold: null });
  });

  it('every key, in seconds', () => {
    expect(
      policyOf(`sliding_window: { slow_call_duration_seconds: 2, failure_threshold_counts: consecutive }, adaptive: { mode: apply,
        minimum_calls: 7, failure_threshold: { min: 3, max: 10 }, failure_rate_threshold: { min: 0.2, max: 0.8 },
        recovery_timeout_seconds: { min: 10, max: 90.5 }, slow_call_duration_seconds: { min: 0.5, max: 4 } }`),
    ).toMatchObject({
      adaptiveEnabled: true,
      adaptiveMode: 'apply',
      adaptiveMinimumCalls: 7,
      adaptiveFailureThreshold: [3, 10],
      adaptiveFailureRate: [0.2, 0.8],
      adaptiveRecoveryMs: [10_000, 90_500],
      adaptiveSlowCallMs: [500, 4_000],
    });
  });

  it('proposes unless told otherwise, and false takes one of them out', () => {
    expect(policyOf('adaptive: { failure_threshold: { min: 3, max: 10 }, recovery_timeout_seconds: false }')).toMatchObject({
      adaptiveEnabled: true,
      adaptiveMode: 'propose',
      adaptiveFailureThreshold: [3, 10],
      adaptiveRecoveryMs: null,
    });
    expect(policyOf('adaptive: { enabled: false, failure_threshold: { min: 3, max: 10 } }').adaptiveEnabled).toBe(false);
  });

  it('explain shows them as bounds', () => {
    const { config } = parseBreakers(
      ghl('adaptive: { failure_threshold: { min: 3, max: 10 }, recovery_timeout_seconds: { min: 10, max: 900 } }'),
      'b',
    );
    if (config === undefined) throw new Error('The text is not valid.');
    const shown = Object.fromEntries(explainService(config, 'ghl').map((row) => [row.yamlKey, row.shown]));
    expect(shown).toMatchObject({
      'adaptive.enabled': 'true',
      'adaptive.mode': 'propose',
      'adaptive.failure_threshold': '3 to 10',
      'adaptive.recovery_timeout_seconds': '10 s to 15 min',
      'adaptive.failure_rate_threshold': 'off',
    });
  });

  it.each([
    [
      'adaptive: { mode: apply }',
      '3:12+8 warning adaptive-adapts-nothing The adaptive thresholds of ghl have no bounds, so nothing adapts | Add bounds, such as `failure_threshold: { min: 3, max: 10 }`.',
    ],
    [
      'adaptive: { failure_threshold: { min: 9, max: 3 } }',
      '3:24+17 error adaptive-bounds-reversed The bounds of `failure_threshold` of ghl leave nothing between them: `min` is 9 and `max` 3, expected `min` up to `max`.',
    ],
    [
      'recovery_timeout_seconds: 5, adaptive: { recovery_timeout_seconds: { min: 10, max: 20 } }',
      '3:53+24 warning outside-adaptive-bounds `recovery_timeout_seconds` of ghl is 5 s, outside of its adaptive bounds 10 s to 20 s, so it would be moved between them | Widen the bounds, or configure a value between them.',
    ],
    [
      'adaptive: { failure_rate_threshold: { min: 0.1, max: 0.6 } }',
      '3:24+22 warning adaptive-without-threshold These bounds of ghl have no effect: it has no `failure_rate_threshold` that could adapt | Add a `sliding_window` with a `failure_rate_threshold`.',
    ],
    [
      'sliding_window: true, adaptive: { failure_threshold: { min: 1, max: 6 } }',
      '3:46+17 warning adaptive-without-threshold These bounds of ghl have no effect: it has no `failure_threshold` that could adapt | Its `sliding_window` opens by rates alone: set `failure_threshold_counts` there.',
    ],
    [
      'adaptive: { failure_threshold: { min: 3 } }',
      '3:24+17 error missing-key `max:` is missing, expected it in `circuit_breaker.services.ghl.adaptive.failure_threshold`.',
    ],
  ])('%s is found', (settings, message) => {
    expect(messages(ghl(settings)).map((line) => line.replace(/\. \|/, ' |'))).toEqual([message]);
  });

  it.each([
    ['adaptive: true', 'expected false or a mapping of adaptive settings'],
    ['adaptive: { mode: guess }', 'expected propose or apply'],
    ['adaptive: { failure_threshold: 5 }', 'expected a mapping with min and max, or false to leave it as it is'],
    ['adaptive: { failure_threshold: { min: 0, max: 5 } }', 'expected a whole number, 1 or more'],
    ['adaptive: { failure_rate_threshold: { min: 0.1, max: 50 } }', 'expected a share above 0, up to 1'],
    ['adaptive: { recovery_timeout_seconds: { min: 0, max: 50 } }', 'expected a number of seconds from 0.001 to 86,400'],
    ['adaptive_thresholds: { mode: apply }', 'Did you mean `adaptive`?'],
  ])('%s is refused', (settings, expected) => {
    expect(messages(ghl(settings)).join('\n')).toContain(expected);
  });
});
