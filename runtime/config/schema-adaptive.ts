import { count, DAY, expecting, flag, MOST, oldName, type Schema } from './schema-kinds.js';

/** The bounds of an adaptive threshold: the lowest and the highest value. Both are required. */
const bounds = (description: string, what: string, limits: Schema): Schema => {
  const bound = { ...limits, ...expecting(what) };
  return {
    description,
    type: ['object', 'boolean', 'null'],
    not: { const: true },
    additionalProperties: false,
    required: ['min', 'max'],
    properties: {
      min: { description: 'Never below this.', ...bound },
      max: { description: 'Never above this.', ...bound },
    },
    ...expecting('a mapping with min and max, or false to leave it as it is'),
  };
};

const recoveryTimeout = bounds(
  'Bounds of recovery_timeout_seconds, in seconds.',
  `a number of seconds from 0.001 to ${DAY.toLocaleString('en')}`,
  { type: 'number', minimum: 0.001, maximum: DAY },
);

/** The settings below `adaptive`. */
export const ADAPTIVE_SETTING = {
  description:
    'Bounds within which thresholds follow what is observed, once the process calls adaptThresholds(); false: they stay as they are (default).',
  type: ['object', 'boolean'],
  not: { const: true },
  additionalProperties: false,
  properties: {
    enabled: flag('False: thresholds stay as they are.', true),
    mode: {
      description: 'propose: an event tells what would fit; apply: it is also put in force, a step at a time.',
      enum: ['propose', 'apply'],
      default: 'propose',
      ...expecting('propose or apply'),
    },
    minimum_calls: count('Calls that must have ended before rates and durations are taken for normal.', 100),
    failure_threshold: bounds('Bounds of failure_threshold.', 'a whole number, 1 or more', {
      type: 'integer',
      minimum: 1,
      maximum: MOST,
    }),
    failure_rate_threshold: bounds('Bounds of failure_rate_threshold of the sliding window.', 'a share above 0, up to 1', {
      type: 'number',
      exclusiveMinimum: 0,
      maximum: 1,
    }),
    recovery_timeout_seconds: recoveryTimeout,
    recovery_timeout: oldName(recoveryTimeout, 'recovery_timeout_seconds'),
    slow_call_duration_seconds: bounds(
      'Bounds of slow_call_duration_seconds of the sliding window, in seconds.',
      `a number of seconds from 0.001 to ${DAY.toLocaleString('en')}`,
      { type: 'number', minimum: 0.001, maximum: DAY },
    ),
  },
  ...expecting('false or a mapping of adaptive settings'),
} as const;
