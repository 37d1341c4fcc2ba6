import { describe, expect, it } from 'vitest';
import { ghl, messages } from './messages.js';

describe('values that contradict each other', () => {
  it.each<[string, string, string[]]>([
    [
      'an attempt longer than the total, in one layer',
      ghl('timeout_seconds: 45, total_timeout_seconds: 30'),
      [
        '3:12+15 error attempt-exceeds-total The attempt timeout of ghl is 45 s, longer than its total deadline of 30 s (line 3), expected at most as long. | Set `timeout_seconds` to 30 or less, or raise `total_timeout_seconds`.',
      ],
    ],
    [
      'a total shorter than an inherited attempt timeout',
      'circuit_breaker:\n  defaults: { timeout_seconds: 60 }\n  services:\n    ghl: { total_timeout_seconds: 20 }\n',
      [
        '4:12+21 error attempt-exceeds-total The attempt timeout of ghl is 60 s (line 2), longer than its total deadline of 20 s, expected at most as long. | Set `total_timeout_seconds` to 60 or more, or lower `timeout_seconds` beside it.',
      ],
    ],
    [
      'a total shorter than the built-in attempt timeout',
      ghl('total_timeout_seconds: 20'),
      [
        '3:12+21 error attempt-exceeds-total The attempt timeout of ghl is 60 s (built-in default), longer than its total deadline of 20 s, expected at most as long. | Set `total_timeout_seconds` to 60 or more, or lower `timeout_seconds` beside it.',
      ],
    ],
    [
      'an operation against its service, told once although an environment inherits it',
      `${ghl('timeout_seconds: 10, total_timeout_seconds: 30, operations: { a.b: { timeout_seconds: 40 } }')}environments: { production: }\n`,
      [
        '3:81+15 error attempt-exceeds-total The attempt timeout of ghl a.b is 40 s, longer than its total deadline of 30 s (line 3), expected at most as long. | Set `timeout_seconds` to 30 or less, or raise `total_timeout_seconds`.',
      ],
    ],
    [
      'an environment against the service',
      `${ghl('timeout_seconds: 45')}environments:\n  production:\n    circuit_breaker: { services: { ghl: { total_timeout_seconds: 5 } } }\n`,
      [
        '6:43+21 error attempt-exceeds-total The attempt timeout of ghl in production is 45 s (line 3), longer than its total deadline of 5 s, expected at most as long. | Set `total_timeout_seconds` to 45 or more, or lower `timeout_seconds` beside it.',
      ],
    ],
    ['no limit is longer than nothing', ghl('timeout_seconds: false, total_timeout_seconds: 5'), []],
    ['no total is never shorter', ghl('timeout_seconds: 500, total_timeout_seconds: null'), []],
    ['equal is fine', ghl('timeout_seconds: 30, total_timeout_seconds: 30'), []],
    [
      'a first wait longer than the longest',
      ghl('retry: { base_delay_seconds: 10 }'),
      [
        '3:21+18 error base-exceeds-max-delay The first wait of ghl is 10 s, longer than the longest one of 5 s (built-in default), expected `base_delay_seconds` up to `max_delay_seconds`. | Set `max_delay_seconds` to 10 or more as well.',
      ],
    ],
    [
      'a longest wait shorter than the first',
      'circuit_breaker:\n  defaults: { retry: { base_delay_seconds: 2 } }\n  services:\n    ghl: { retry: { max_delay_seconds: 1 } }\n',
      [
        '4:21+17 error base-exceeds-max-delay The first wait of ghl is 2 s (line 2), longer than the longest one of 1 s, expected `base_delay_seconds` up to `max_delay_seconds`. | Set `base_delay_seconds` to 1 or less as well.',
      ],
    ],
    [
      'a wait for a probe that comes later than the longest wait',
      ghl('retry: { wait_for_probe: true }'),
      [
        '3:21+14 warning probe-after-max-delay `wait_for_probe` of ghl has no effect: a retry waits 5 s at most (built-in default), and an open circuit lets its first probe through after 60 s (built-in default). | Set `max_delay_seconds` of `retry` to 60 or more, or lower `recovery_timeout_seconds`.',
      ],
    ],
    [
      'a recovery that outlasts the wait for its probe',
      'circuit_breaker:\n  defaults: { retry: { wait_for_probe: true, max_delay_seconds: 60 } }\n  services:\n    ghl: { recovery_timeout_seconds: 61 }\n',
      [
        '4:12+24 warning probe-after-max-delay `wait_for_probe` of ghl has no effect: a retry waits 60 s at most (line 2), and an open circuit lets its first probe through after 61 s. | Set `max_delay_seconds` of `retry` to 61 or more, or lower `recovery_timeout_seconds`.',
      ],
    ],
    ['a probe as late as the longest wait', ghl('retry: { wait_for_probe: true, max_delay_seconds: 60 }'), []],
    ['a wait for a probe without a circuit', ghl('enabled: false, retry: { wait_for_probe: true }'), []],
    ['a wait for a probe without a second attempt', ghl('retry: { wait_for_probe: true, max_attempts: 1 }'), []],
    ['a wait for a probe without retries', ghl('retry: { wait_for_probe: true, enabled: false }'), []],
    [
      'a status both failed and ignored',
      ghl('failure_statuses: [429, 500], ignored_statuses: [429]'),
      [
        '3:12+16 error status-failed-and-ignored Status 429 of ghl is in `failure_statuses` and in `ignored_statuses` (line 3), expected only one of them. | To ignore it, add `failure_statuses: [500]`.',
      ],
    ],
    [
      'a status ignored and failed by default',
      ghl('ignored_statuses: [503, 504, 404]'),
      [
        '3:12+16 error status-failed-and-ignored Status 503, 504 of ghl are in `failure_statuses` (built-in default) and in `ignored_statuses`, expected only one of them. | To ignore them, add `failure_statuses: [500, 502]`.',
      ],
    ],
    [
      'two names of one setting',
      ghl('reset_timeout: 5, recovery_timeout_seconds: 6, retry: { max_attempts: 2, max_retries: 2 }'),
      [
        '3:12+13 error conflicting-keys `reset_timeout` and `recovery_timeout_seconds` (line 3) are two names of one setting with different values, expected only one of them.',
        '3:85+11 error conflicting-keys `max_retries` and `max_attempts` (line 3) are two names of one setting with different values, expected only one of them.',
      ],
    ],
    [
      'a fallback value that JSON cannot say',
      ghl('fallback: [{ last_good: true }, { value: { score: [1, .nan] } }]'),
      ['3:66+4 error bad-fallback-value A fallback value is not a finite number, expected what JSON can say.'],
    ],
    [
      'the same in a single step',
      ghl('fallback: { value: .inf }'),
      ['3:31+4 error bad-fallback-value A fallback value is not a finite number, expected what JSON can say.'],
    ],
  ])('%s', (_, text, expected) => {
    expect(messages(text)).toEqual(expected);
  });
});

describe('warnings', () => {
  it.each<[string, string, string[]]>([
    [
      'retries that cannot fit',
      ghl('timeout_seconds: 20, total_timeout_seconds: 30, retry: { max_attempts: 4, base_delay_seconds: 1 }'),
      [
        '3:69+12 warning retries-exceed-total 4 attempts of 20 s and waits of up to 7 s can take 87 s, but the total deadline of ghl is 30 s. | The deadline cuts the last attempts short. Fewer attempts, a shorter attempt timeout or a longer deadline make every attempt count.',
      ],
    ],
    ['retries that fit', ghl('timeout_seconds: 5, total_timeout_seconds: 30, retry: { max_attempts: 4, base_delay_seconds: 1 }'), []],
    ['the built-in attempts', ghl('timeout_seconds: 20, total_timeout_seconds: 30'), []],
    ['no total set', ghl('timeout_seconds: 20, retry: { max_attempts: 10 }'), []],
    ['retries off', ghl('timeout_seconds: 20, total_timeout_seconds: 30, retry: { enabled: false, max_attempts: 4 }'), []],
    [
      'no rest for an open circuit',
      ghl('recovery_timeout_seconds: 0'),
      [
        '3:12+24 warning unusual-recovery An open circuit of ghl lets a probe through at once, so it hardly keeps anything away. | A few seconds give the service a rest.',
      ],
    ],
    [
      'a rest of days',
      ghl('recovery_timeout_seconds: 600000'),
      ['3:12+24 warning unusual-recovery An open circuit of ghl waits 166.7 h before its first probe. | The unit is seconds.'],
    ],
    [
      'a step behind a value',
      ghl('fallback: [{ value: 1 }, { last_good: {} }]'),
      ['3:37+17 warning unreachable-fallback This step is never reached: the value before it always answers. | Put the value last.'],
    ],
    [
      'retry settings of what is switched off',
      ghl('retry: false, resources: { calls: { retry: { max_attempts: 3 } } }'),
      [
        '3:48+5 warning retry-is-off These retry settings of ghl calls have no effect: retries are switched off in line 3. | Add `enabled: true` beside them to switch retries on.',
      ],
    ],
    ['switched on again', ghl('retry: false, resources: { calls: { retry: { enabled: true, max_attempts: 3 } } }'), []],
    [
      'a general setting may be switched off below',
      `${ghl('operations: { mail.send: { retry: false } }')}environments: { test: { circuit_breaker: { defaults: { retry: { base_delay_seconds: 0.01 } } } } }\n`,
      [],
    ],
  ])('%s', (_, text, expected) => {
    expect(messages(text)).toEqual(expected);
  });
});

it('values that are unusable in themselves get no second finding', () => {
  expect(messages(ghl('timeout_seconds: "90", total_timeout_seconds: 30')).map((line) => line.split(' ')[2])).toEqual(['bad-value']);
  expect(messages(ghl('timeout_second: 10, total_timeout_seconds: 30')).map((line) => line.split(' ')[2])).toEqual(['unknown-key']);
  expect(messages(ghl('failure_statuses: [503, x], ignored_statuses: [503]')).map((line) => line.split(' ')[2])).toEqual(['bad-value']);
});

it('services that only take the defaults are checked when they are known', () => {
  const text = 'circuit_breaker:\n  defaults: { timeout_seconds: 60, total_timeout_seconds: 30 }\n';
  expect(messages(text)).toEqual([]);
  expect(messages(text, { knownServices: ['ghl'] })).toEqual([
    '2:15+15 error attempt-exceeds-total The attempt timeout of ghl is 60 s, longer than its total deadline of 30 s (line 2), expected at most as long. | Set `timeout_seconds` to 30 or less, or raise `total_timeout_seconds`.',
  ]);
});
