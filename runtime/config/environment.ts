import { ConfigurationError } from '../errors/configuration-error.js';
import type { NamedLayer, PolicyLayer, PolicyValues } from './types.js';

type Parse = (variable: string, text: string) => number | boolean | null;

const FALSE: readonly string[] = ['false', '0', 'no', 'off'];

const number =
  (expected: string, valid: (value: number) => boolean, scale = 1): Parse =>
  (variable, text) => {
    const value = Number(text);
    if (!Number.isFinite(value) || !valid(value)) throw new ConfigurationError(variable, text, expected);
    return value * scale;
  };
const whole = (expected: string, least: number, most = Number.MAX_SAFE_INTEGER): Parse =>
  number(`a whole number${expected}`, (value) => Number.isInteger(value) && value >= least && value <= most);
/** `0` stays a number, so that the range check reports it if it is out of range. */
const orOff =
  (parse: Parse): Parse =>
  (variable, text) => {
    const word = text.trim().toLowerCase();
    return word !== '0' && FALSE.includes(word) ? null : parse(variable, text);
  };
const span = (more = ''): Parse => number(`seconds from 0.001 to 86,400${more}`, (value) => value >= 0.001 && value <= 86_400, 1000);
const wait = (more = ''): Parse => number(`seconds, 0 or more${more}`, (value) => value >= 0, 1000);

const seconds = wait();
const count = whole(', 1 or more', 1);
const factor = number('a number, 1 or more', (value) => value >= 1);
const limit = orOff(span(', or false for none'));
const rate = orOff(number('a share above 0, up to 1, or false for none', (value) => value > 0 && value <= 1));
const maxWait = orOff(wait(', or false for as long as the deadline allows'));
const flag: Parse = (variable, text) => {
  const word = text.trim().toLowerCase();
  if (['true', '1', 'yes', 'on'].includes(word)) return true;
  if (FALSE.includes(word)) return false;
  throw new ConfigurationError(variable, text, 'true or false');
};
/** A variable cannot turn on retries that the YAML turned off for one operation, because a message could be sent twice. */
const onlyOff: Parse = (variable, text) => {
  if (flag(variable, text) === false) return false;
  throw new ConfigurationError(variable, text, 'false: what is retried otherwise is for the YAML to say');
};

/** Variable, setting, parser, and other settings that the variable implies: a variable that tunes a policy also turns it on. */
type Variable = readonly [name: string, key: keyof PolicyValues, parse: Parse, also?: PolicyLayer];

const WINDOW = { windowEnabled: true };
const BACKOFF = { reopenBackoffEnabled: true };
const RAMP = { rampEnabled: true };
const RATE_LIMIT = { rateLimitEnabled: true };

/** The variables with names from the guides. */
const GUIDES: readonly Variable[] = [
  ['CIRCUIT_BREAKER_ENABLED', 'enabled', flag],
  ['CIRCUIT_BREAKER_FAILURE_THRESHOLD', 'failureThreshold', count],
  ['CIRCUIT_BREAKER_SUCCESS_THRESHOLD', 'successThreshold', count],
  ['CIRCUIT_BREAKER_RECOVERY_TIMEOUT', 'recoveryTimeoutMs', seconds],
  ['CIRCUIT_BREAKER_HALF_OPEN_CALLS', 'halfOpenMaxCalls', count],
  ['CIRCUIT_BREAKER_TIMEOUT_SECONDS', 'timeoutMs', limit],
  ['CIRCUIT_BREAKER_TOTAL_TIMEOUT_SECONDS', 'totalTimeoutMs', limit],
  ['MAX_RETRY_ATTEMPTS', 'maxAttempts', count],
  ['RETRY_BASE_DELAY', 'baseDelayMs', seconds],
  ['RETRY_MAX_DELAY', 'maxDelayMs', seconds],
  ['RETRY_EXPONENTIAL_BASE', 'exponentialBase', factor],
  ['RETRY_JITTER_ENABLED', 'jitter', flag],
  ['RETRY_WAIT_FOR_PROBE', 'waitForProbe', flag],
];

/**
 * The variables of newer policies, with the prefix `FUSELINE_` and the names of the YAML. `ENABLED` comes last in each policy, so that it overrides.
 */
const NEWER: readonly Variable[] = [
  ['RETRY_MAX_RETRY_AFTER', 'maxRetryAfterMs', seconds],
  ['RETRY_ENABLED', 'retryEnabled', onlyOff],
  ['SLIDING_WINDOW_DURATION_SECONDS', 'windowMs', span(), { ...WINDOW, windowType: 'time' }],
  ['SLIDING_WINDOW_SIZE', 'windowSize', whole(' from 1 to 100,000', 1, 100_000), { ...WINDOW, windowType: 'count' }],
  ['SLIDING_WINDOW_MINIMUM_CALLS', 'minimumCalls', count, WINDOW],
  ['SLIDING_WINDOW_FAILURE_RATE_THRESHOLD', 'failureRateThreshold', rate, WINDOW],
  ['SLIDING_WINDOW_SLOW_CALL_DURATION_SECONDS', 'slowCallMs', limit, WINDOW],
  ['SLIDING_WINDOW_SLOW_CALL_RATE_THRESHOLD', 'slowCallRateThreshold', rate, WINDOW],
  ['SLIDING_WINDOW_ENABLED', 'windowEnabled', flag],
  ['REOPEN_BACKOFF_MAX_SECONDS', 'reopenMaxMs', seconds, BACKOFF],
  ['REOPEN_BACKOFF_ENABLED', 'reopenBackoffEnabled', flag],
  ['RAMP_DURATION_SECONDS', 'rampMs', span(), RAMP],
  ['RAMP_ENABLED', 'rampEnabled', flag],
  ['ADAPTIVE_ENABLED', 'adaptiveEnabled', flag],
  ['BULKHEAD_MAX_CONCURRENT', 'bulkheadMaxConcurrent', orOff(count)],
  ['BULKHEAD_MAX_QUEUE', 'bulkheadMaxQueue', whole(', 0 or more', 0)],
  ['BULKHEAD_MAX_WAIT', 'bulkheadMaxWaitMs', maxWait],
  ['RATE_LIMIT_REQUESTS', 'rateLimitRequests', whole(' from 1 to 1,000,000', 1, 1_000_000), RATE_LIMIT],
  ['RATE_LIMIT_PER_SECONDS', 'rateLimitPerMs', span(), RATE_LIMIT],
  ['RATE_LIMIT_MAX_WAIT', 'rateLimitMaxWaitMs', maxWait],
  ['RATE_LIMIT_ENABLED', 'rateLimitEnabled', flag],
  ['COALESCE', 'coalesce', flag],
];

const VARIABLES: readonly Variable[] = [...GUIDES, ...NEWER.map(([name, ...rest]): Variable => [`FUSELINE_${name}`, ...rest])];

/** Returns the names of all variables that are read for a service: the general ones, and the same with the prefix of the service. */
export function environmentVariables(service: string): readonly string[] {
  const prefix = servicePrefix(service);
  return VARIABLES.flatMap(([variable]) => [variable, `${prefix}${variable}`]);
}

/**
 * Returns the layers set by environment variables: first the general variables, then those of the service (`GHL_CIRCUIT_BREAKER_FAILURE_THRESHOLD`).
 * Empty variables are ignored.
 *
 * @throws {ConfigurationError} naming the variable, if its value is invalid.
 */
export function environmentLayers(service: string, env: Readonly<Record<string, string | undefined>>): readonly NamedLayer[] {
  const layers: NamedLayer[] = [];
  for (const prefix of ['', servicePrefix(service)]) {
    for (const [name, key, parse, also] of VARIABLES) {
      const variable = prefix + name;
      const text = env[variable];
      if (text === undefined || text.trim() === '') continue;
      layers.push({ origin: `environment variable ${variable}`, values: { ...also, [key]: parse(variable, text) } as PolicyLayer });
    }
  }
  return layers;
}

/** Returns the prefix of the variables of a service, such as `GHL_`. */
export function servicePrefix(service: string): string {
  return `${service.replace(/[^A-Za-z0-9]+/g, '_').toUpperCase()}_`;
}
