import { BULKHEAD_MAX_CONCURRENT } from './defaults.js';
import { PRESET_NAMES } from './presets.js';
import { RATE_PRESET_NAMES } from './rate-presets.js';
import { ADAPTIVE_SETTING } from './schema-adaptive.js';
import { count, DAY, expecting, flag, limit, MOST, oldName, type Schema, wait } from './schema-kinds.js';
import { RECOVERY_SETTINGS } from './schema-recovery.js';

export { expectation, expecting, type Schema } from './schema-kinds.js';

const statuses = (description: string, standard: readonly number[]): Schema => ({
  description,
  type: 'array',
  items: { type: 'integer', minimum: 100, maximum: 599, ...expecting('an HTTP status from 100 to 599') },
  uniqueItems: true,
  default: standard,
  ...expecting('a list of different HTTP statuses, such as [500, 502]'),
});

const step: Schema = {
  description: 'One step: the last good response, or a fixed value.',
  type: 'object',
  additionalProperties: false,
  minProperties: 1,
  maxProperties: 1,
  properties: {
    last_good: {
      description: 'The last good response to the same request with the same credentials.',
      type: ['object', 'boolean', 'null'],
      not: { const: false },
      additionalProperties: false,
      properties: {
        max_age_seconds: limit('The oldest response that is still given, in seconds; false for any age (default).', undefined, 365 * DAY),
      },
      ...expecting('true or a mapping with max_age_seconds'),
    },
    value: { description: 'A fixed answer; it must have the type of the operation’s result.' },
  },
  ...expecting('exactly one of last_good and value'),
};

const recoveryTimeout = wait('How long an open circuit waits before the first probe, in seconds.', 60);
const baseDelay = wait('First wait, in seconds.', 0.1, DAY);
const maxDelay = wait('Longest wait that backoff chooses, in seconds.', 5, DAY);
const maxRetryAfter = wait('A server’s Retry-After above this ends the call immediately, in seconds.', 60, DAY);

/** Returns the schema of the longest wait for a place or a token. */
const maxWait = (turn: string): Schema => ({
  ...limit(`Longest wait for a ${turn}, in seconds; 0 for none, false for as long as the deadline allows (default).`),
  minimum: 0,
  ...expecting(`a number of seconds from 0 to ${DAY.toLocaleString('en')}, or false for as long as the deadline allows`),
});

/** One definition per setting. Editors show the descriptions. */
export const SETTINGS = {
  enabled: flag('False: calls pass the breaker, which still counts.', true),
  failure_threshold: count('Consecutive failures that open the circuit.', 5),
  success_threshold: count('Successful probes that close the circuit again.', 3, 1_000),
  half_open_max_calls: count('Probes in flight at once while half-open (not their total).', 2),
  recovery_timeout_seconds: recoveryTimeout,
  recovery_timeout: oldName(recoveryTimeout, 'recovery_timeout_seconds'),
  reset_timeout: oldName(recoveryTimeout, 'recovery_timeout_seconds'),
  timeout_seconds: limit('Limit of one attempt, body included, in seconds; false for none.', 60),
  total_timeout_seconds: limit(
    'Limit of the whole call, in seconds: all attempts and the waits between them; false for none. Default: twice timeout_seconds.',
  ),
  scope: {
    description: 'What one circuit covers: the service, each namespace, or each operation.',
    enum: ['service', 'namespace', 'operation'],
    default: 'service',
    ...expecting('service, namespace or operation'),
  },
  idempotent: flag('May the request be repeated after it may have reached the server? Default: what the HTTP method says.'),
  failure_statuses: statuses('Statuses that count as failures.', [500, 502, 503, 504]),
  ignored_statuses: statuses('Statuses that count as nothing, neither failure nor success.', []),
  retry: {
    description: 'How a failed attempt is repeated; false: never.',
    type: ['object', 'boolean'],
    additionalProperties: false,
    properties: {
      enabled: flag('False: exactly one attempt, come what may.', true),
      max_attempts: count('Attempts, the first included.', 3, 100),
      max_retries: {
        description: 'Attempts after the first: max_attempts less one. Give one of the two.',
        type: 'integer',
        minimum: 0,
        maximum: 99,
        default: 2,
        ...expecting('a whole number from 0 to 99'),
      },
      base_delay_seconds: baseDelay,
      max_delay_seconds: maxDelay,
      exponential_base: {
        description: 'Factor by which each wait is longer than the one before.',
        type: 'number',
        minimum: 1,
        maximum: 100,
        default: 2,
        ...expecting('a number from 1 to 100'),
      },
      jitter: flag('Draw each wait from 0 to the computed delay, so that clients that failed together do not come back together.', true),
      wait_for_probe: flag(
        'If the circuit is open, wait for its next probe, but not longer than max_delay_seconds. Without it, the call ends immediately.',
        false,
      ),
      statuses: statuses('Statuses that are tried again.', [408, 425, 429, 500, 502, 503, 504]),
      max_retry_after_seconds: maxRetryAfter,
      base_delay: oldName(baseDelay, 'base_delay_seconds'),
      max_delay: oldName(maxDelay, 'max_delay_seconds'),
      max_retry_after: oldName(maxRetryAfter, 'max_retry_after_seconds'),
    },
    ...expecting('true, false or a mapping of retry settings'),
  },
  ...RECOVERY_SETTINGS,
  adaptive: ADAPTIVE_SETTING,
  bulkhead: {
    description:
      'How many calls may run at the same time; false: any number (default). true, or no max_concurrent: that of a weaker layer, else 100.',
    type: ['object', 'boolean'],
    additionalProperties: false,
    properties: {
      max_concurrent: {
        description: 'Calls that may run at the same time. A call holds its place until its last request has ended.',
        type: 'integer',
        minimum: 1,
        maximum: MOST,
        default: BULKHEAD_MAX_CONCURRENT,
        ...expecting('a whole number, 1 or more'),
      },
      max_queue: {
        description: 'Calls that may wait for a place, first in, first out.',
        type: 'integer',
        minimum: 0,
        maximum: MOST,
        default: 0,
        ...expecting('a whole number, 0 or more'),
      },
      max_wait_seconds: maxWait('place'),
      max_wait: oldName(maxWait('place'), 'max_wait_seconds'),
    },
    ...expecting('true, false or a mapping of bulkhead settings'),
  },
  rate_limit: {
    description:
      'How many requests one sender (credentials and tenant headers) may send; the rate-limit headers of the answers narrow it. true: only those count; false: no limit (default).',
    type: ['object', 'boolean'],
    additionalProperties: false,
    properties: {
      preset: {
        description: 'The published limit of a vendor, weaker than what stands beside it.',
        enum: RATE_PRESET_NAMES,
        ...expecting(`one of ${RATE_PRESET_NAMES.join(', ')}`),
      },
      enabled: flag('False: no limit, whatever a weaker layer says.', true),
      requests: {
        description: 'Requests in any span of per_seconds. Default: only what the answers say counts.',
        type: 'integer',
        minimum: 1,
        maximum: 1_000_000,
        ...expecting('a whole number from 1 to 1,000,000'),
      },
      per_seconds: {
        description: 'The span, in seconds.',
        type: 'number',
        minimum: 0.001,
        maximum: DAY,
        default: 1,
        ...expecting(`a number of seconds from 0.001 to ${DAY.toLocaleString('en')}`),
      },
      max_wait_seconds: maxWait('token'),
      max_wait: oldName(maxWait('token'), 'max_wait_seconds'),
      scope: {
        description: 'What is counted together: a sender’s requests to the service, or to each operation.',
        enum: ['service', 'operation'],
        default: 'service',
        ...expecting('service or operation'),
      },
    },
    ...expecting('true, false or a mapping of rate limit settings'),
  },
  coalesce: flag('Equal reads (GET, HEAD, OPTIONS, QUERY) of one sender that are in flight at once share one request.', false),
  fallback: {
    ...step,
    description: 'What answers when the call fails: a step, a list of steps tried in order, or false for none.',
    type: ['array', 'object', 'boolean'],
    not: { const: true },
    items: { $ref: '#/definitions/fallback_step' },
    ...expecting('false, or steps such as [{ last_good: { max_age_seconds: 300 } }, { value: [] }]'),
  },
  fallback_step: step,
  preset: {
    description: 'Ready-made breaker settings, stronger than defaults and weaker than what the service says itself.',
    enum: PRESET_NAMES,
    ...expecting(`one of ${PRESET_NAMES.join(', ')}`),
  },
} as const satisfies Readonly<Record<string, Schema>>;
