import { ConfigurationError } from '../errors/configuration-error.js';
import type { NamedLayer } from './layers.js';
import type { PolicyLayer, PolicyValues } from './types.js';

type Parse = (variable: string, text: string) => number | boolean;

const seconds: Parse = (variable, text) => number(variable, text, 'seconds, 0 or more', (value) => value >= 0) * 1000;
const count: Parse = (variable, text) =>
  number(variable, text, 'a whole number, 1 or more', (value) => Number.isInteger(value) && value >= 1);
const factor: Parse = (variable, text) => number(variable, text, 'a number, 1 or more', (value) => value >= 1);
const flag: Parse = (variable, text) => {
  const word = text.trim().toLowerCase();
  if (['true', '1', 'yes', 'on'].includes(word)) return true;
  if (['false', '0', 'no', 'off'].includes(word)) return false;
  throw new ConfigurationError(variable, text, 'true or false');
};

/** Variable, setting, how it is read. The names are the guides'. */
const VARIABLES: readonly (readonly [string, keyof PolicyValues, Parse])[] = [
  ['CIRCUIT_BREAKER_ENABLED', 'enabled', flag],
  ['CIRCUIT_BREAKER_FAILURE_THRESHOLD', 'failureThreshold', count],
  ['CIRCUIT_BREAKER_SUCCESS_THRESHOLD', 'successThreshold', count],
  ['CIRCUIT_BREAKER_RECOVERY_TIMEOUT', 'recoveryTimeoutMs', seconds],
  ['CIRCUIT_BREAKER_HALF_OPEN_CALLS', 'halfOpenMaxCalls', count],
  ['CIRCUIT_BREAKER_TIMEOUT_SECONDS', 'timeoutMs', seconds],
  ['CIRCUIT_BREAKER_TOTAL_TIMEOUT_SECONDS', 'totalTimeoutMs', seconds],
  ['MAX_RETRY_ATTEMPTS', 'maxAttempts', count],
  ['RETRY_BASE_DELAY', 'baseDelayMs', seconds],
  ['RETRY_MAX_DELAY', 'maxDelayMs', seconds],
  ['RETRY_EXPONENTIAL_BASE', 'exponentialBase', factor],
  ['RETRY_JITTER_ENABLED', 'jitter', flag],
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
    for (const [name, key, parse] of VARIABLES) {
      const variable = prefix + name;
      const text = env[variable];
      if (text === undefined || text.trim() === '') continue;
      layers.push({ origin: `environment variable ${variable}`, values: { [key]: parse(variable, text) } as PolicyLayer });
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
