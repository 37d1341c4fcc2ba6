import { WINDOW_LIMITS } from '../policies/circuit-breaker/window/options.js';
import { block, count, DAY, expecting, flag, limit, rate, share, wait } from './schema-kinds.js';

/** The settings of the sliding window, the reopen backoff and the ramp. */
export const RECOVERY_SETTINGS = {
  window_size: {
    description:
      'Opens the circuit at failure_threshold failures among this many recent calls, instead of in a row. For rates see sliding_window.',
    type: 'integer',
    minimum: 1,
    maximum: WINDOW_LIMITS.size,
    ...expecting(`a whole number from 1 to ${WINDOW_LIMITS.size.toLocaleString('en')}`),
  },
  sliding_window: block('Opens the circuit by rates over recent calls instead of by consecutive failures; false: no window.', 'window', {
    enabled: flag('False: consecutive failures open the circuit.', true),
    type: {
      description: 'count: the last `size` calls; time: those of the last `duration_seconds`. Default: by which of the two is given.',
      enum: ['count', 'time'],
      default: 'count',
      ...expecting('count or time'),
    },
    size: count('Calls that a count window holds.', 100, WINDOW_LIMITS.size),
    duration_seconds: {
      description: 'How far back a time window looks, in seconds.',
      type: 'number',
      minimum: 0.001,
      maximum: DAY,
      default: 60,
      ...expecting(`a number of seconds from 0.001 to ${DAY.toLocaleString('en')}`),
    },
    slots: count('Parts of a time window; one part at a time is forgotten.', 10, WINDOW_LIMITS.slots),
    minimum_calls: count('Calls that must have ended before a rate means anything; of a count window at most its size.', 20),
    failure_rate_threshold: rate('Share of failed calls that opens the circuit; false for none.', 0.5),
    slow_call_duration_seconds: limit('A call that takes this long is slow, in seconds; false (default): none is.'),
    slow_call_rate_threshold: rate(
      'Share of slow calls that opens the circuit, those included that still run after slow_call_duration_seconds; false for none.',
      0.5,
    ),
    failure_or_slow_rate_threshold: rate('Share of calls that failed, or were slow, that opens the circuit; false for none.', false),
    failure_threshold_counts: {
      description:
        'What failure_threshold means beside the rates: nothing; that many failures in a row open the circuit, too (consecutive); or that many anywhere in the window.',
      enum: ['nothing', 'consecutive', 'window'],
      default: 'nothing',
      ...expecting('nothing, consecutive or window'),
    },
  }),
  reopen_backoff: block(
    'A circuit that keeps opening waits longer each time; false: it always waits recovery_timeout_seconds.',
    'backoff',
    {
      enabled: flag('False: an open circuit always waits recovery_timeout_seconds.', true),
      multiplier: {
        description: 'Factor by which each opening in a row waits longer than the one before.',
        type: 'number',
        minimum: 1,
        maximum: 100,
        default: 2,
        ...expecting('a number from 1 to 100'),
      },
      max_seconds: wait('Longest wait, jitter included, in seconds; never less than recovery_timeout_seconds.', 300, DAY),
      jitter: share('Up to this share of the wait is added at random, so that processes do not probe together.', 0.2),
      reset_after_seconds: wait('Closed this long, in seconds, a circuit starts again with the shortest wait.', 60, DAY),
      flapping_success_threshold: {
        description:
          'Successful probes that close a circuit that closed and opened again before reset_after_seconds; false (default): success_threshold.',
        type: ['integer', 'boolean', 'null'],
        minimum: 1,
        maximum: 1_000,
        not: { const: true },
        ...expecting('a whole number from 1 to 1,000, or false'),
      },
    },
  ),
  ramp: block('A circuit that has recovered lets a growing share of calls in; false: all of them at once.', 'ramp', {
    enabled: flag('False: all calls pass as soon as the circuit closes.', true),
    duration_seconds: {
      description: 'Time after closing until all calls pass, in seconds.',
      type: 'number',
      minimum: 0.001,
      maximum: DAY,
      default: 10,
      ...expecting(`a number of seconds from 0.001 to ${DAY.toLocaleString('en')}`),
    },
    initial_share: share('Share of calls let in at first; it grows evenly to all.', 0.1),
  }),
} as const;
