import { ConfigurationError } from '../errors/configuration-error.js';
import type { NamedLayer } from './layers.js';
import type { PolicyLayer, PolicyValues } from './types.js';

type Parse = (variable: string, text: string) => number | boolean | null;

const SHORTEST = '0.001';
const LONGEST = '86,400';
const isSpan = (seconds: number): boolean => seconds >= 0.001 && seconds <= 86_400;

const FALSE: readonly string[] = ['false', '0', 'no', 'off'];

const seconds: Parse = (variable, text) => number(variable, text, 'seconds, 0 or more', (value) => value >= 0) * 1000;
const whole =
  (least: number, most = Number.MAX_SAFE_INTEGER): Parse =>
  (variable, text) => {
    const range = most === Number.MAX_SAFE_INTEGER ? `, ${least} or more` : ` from ${least} to ${most.toLocaleString('en')}`;
    return number(variable, text, `a whole number${range}`, (value) => Number.isInteger(value) && value >= least && value <= most);
  };
const count = whole(1);
const span: Parse = (variable, text) => number(variable, text, `seconds from ${SHORTEST} to ${LONGEST}`, isSpan) * 1000;
const factor: Parse = (variable, text) => number(variable, text, 'a number, 1 or more', (value) => value >= 1);
const flag: Parse = (variable, text) => {
  const word = text.trim().toLowerCase();
  if (['true', '1', 'yes', 'on'].includes(word)) return true;
  if (FALSE.includes(word)) return false;
  throw new ConfigurationError(variable, text, 'true or false');
};
/** A limit of 0 would let nothing through, and none at all is another word. */
const limit: Parse = (variable, text) => {
  if (isOff(text)) return null;
  return number(variable, text, `seconds from ${SHORTEST} to ${LONGEST}, or false for none`, isSpan) * 1000;
};
/** Nothing may turn on at once what the YAML turned off for one operation: a second message may be sent. */
const onlyOff: Parse = (variable, text) => {
  if (flag(variable, text) === false) return false;
  throw new ConfigurationError(variable, text, 'false: what is retried otherwise is for the YAML to say');
};
const rate: Parse = (variable, text) =>
  isOff(text) ? null : number(variable, text, 'a share above 0, up to 1, or false for none', (value) => value > 0 && value <= 1);
const maxWait: Parse = (variable, text) =>
  isOff(text)
    ? null
    : number(variable, text, 'seconds, 0 or more, or false for as long as the deadline allows', (value) => value >= 0) * 1000;

/** Variable, setting, how it is read, and what it means besides: to describe a policy is to want it. */
type Variable = readonly [name: string, key: keyof PolicyValues, parse: Parse, also?: PolicyLayer];

const WINDOW = { windowEnabled: true };
const BACKOFF = { reopenBackoffEnabled: true };
const RAMP = { rampEnabled: true };
const RATE_LIMIT = { rateLimitEnabled: true };

/** The first names are the guides', the others those of the YAML. Within a policy `ENABLED` comes last: it is stronger. */
const VARIABLES: readonly Variable[] = [
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
  ['FUSELINE_RETRY_MAX_RETRY_AFTER', 'maxRetryAfterMs', seconds],
  ['FUSELINE_RETRY_ENABLED', 'retryEnabled', onlyOff],
  ['FUSELINE_SLIDING_WINDOW_DURATION_SECONDS', 'windowMs', span, { ...WINDOW, windowType: 'time' }],
  ['FUSELINE_SLIDING_WINDOW_SIZE', 'windowSize', whole(1, 100_000), { ...WINDOW, windowType: 'count' }],
  ['FUSELINE_SLIDING_WINDOW_MINIMUM_CALLS', 'minimumCalls', count, WINDOW],
  ['FUSELINE_SLIDING_WINDOW_FAILURE_RATE_THRESHOLD', 'failureRateThreshold', rate, WINDOW],
  ['FUSELINE_SLIDING_WINDOW_SLOW_CALL_DURATION_SECONDS', 'slowCallMs', limit, WINDOW],
  ['FUSELINE_SLIDING_WINDOW_SLOW_CALL_RATE_THRESHOLD', 'slowCallRateThreshold', rate, WINDOW],
  ['FUSELINE_SLIDING_WINDOW_ENABLED', 'windowEnabled', flag],
  ['FUSELINE_REOPEN_BACKOFF_MAX_SECONDS', 'reopenMaxMs', seconds, BACKOFF],
  ['FUSELINE_REOPEN_BACKOFF_ENABLED', 'reopenBackoffEnabled', flag],
  ['FUSELINE_RAMP_DURATION_SECONDS', 'rampMs', span, RAMP],
  ['FUSELINE_RAMP_ENABLED', 'rampEnabled', flag],
  ['FUSELINE_ADAPTIVE_ENABLED', 'adaptiveEnabled', flag],
  ['FUSELINE_BULKHEAD_MAX_CONCURRENT', 'bulkheadMaxConcurrent', (variable, text) => (isOff(text) ? null : count(variable, text))],
  ['FUSELINE_BULKHEAD_MAX_QUEUE', 'bulkheadMaxQueue', whole(0)],
  ['FUSELINE_BULKHEAD_MAX_WAIT', 'bulkheadMaxWaitMs', maxWait],
  ['FUSELINE_RATE_LIMIT_REQUESTS', 'rateLimitRequests', whole(1, 1_000_000), RATE_LIMIT],
  ['FUSELINE_RATE_LIMIT_PER_SECONDS', 'rateLimitPerMs', span, RATE_LIMIT],
  ['FUSELINE_RATE_LIMIT_MAX_WAIT', 'rateLimitMaxWaitMs', maxWait],
  ['FUSELINE_RATE_LIMIT_ENABLED', 'rateLimitEnabled', flag],
  ['FUSELINE_COALESCE', 'coalesce', flag],
];

/** Names of all variables that are read for a service: the general ones, and the same with the service's name in front. */
export function environmentVariables(service: string): readonly string[] {
  const prefix = servicePrefix(service);
  return VARIABLES.flatMap(([variable]) => [variable, `${prefix}${variable}`]);
}

/**
 * Layers that environment variables set: the general ones first, then the service's own (`GHL_CIRCUIT_BREAKER_FAILURE_THRESHOLD`). Empty
 * variables are as good as unset.
 *
 * @throws {ConfigurationError} naming the variable, where its value cannot be read.
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

function servicePrefix(service: string): string {
  return `${service.replace(/[^A-Za-z0-9]+/g, '_').toUpperCase()}_`;
}

function number(variable: string, text: string, expected: string, valid: (value: number) => boolean): number {
  const value = Number(text);
  if (!Number.isFinite(value) || !valid(value)) throw new ConfigurationError(variable, text, expected);
  return value;
}

/** `0` is a number where a number is expected, and a small one is refused by its range. */
function isOff(text: string): boolean {
  const word = text.trim().toLowerCase();
  return word !== '0' && FALSE.includes(word);
}
