import { ConfigurationError, Wording } from '../../errors/configuration-error.js';
import { givenClock, givenFunction, givenObject, givenSignal, must } from '../../errors/given.js';
import { namesOf, refuseUnknown } from '../../errors/known-options.js';
import { type BreakerInput, checkBreakerNames } from '../../policies/circuit-breaker/options.js';
import { isBasic } from '../request/signing.js';
import type { CallOptions, ClientOptions } from './options.js';

type Check = (option: string, value: never) => unknown;

const CHECKS: { readonly [K in keyof ClientOptions]?: Check } = {
  breaker: givenBreaker,
  fallbacks: givenObject,
  headers: givenObject,
  credentials: givenCredentials,
  env: givenObject,
  onEvent: givenFunction,
  random: givenFunction,
  clock: givenClock,
  environment: (option, value) => must(typeof value === 'string', option, value, 'a name'),
  identity: (option, value) =>
    must(
      typeof value === 'string' || typeof value === 'function',
      option,
      value && typeof value,
      'a string, or a function that returns one',
    ),
  baseUrl: (option, value) => must(typeof value === 'string', option, value, 'an absolute URL as text'),
  transport: (option, value) => must(value === 'undici' || value === 'fetch', option, value, 'undici or fetch'),
  dispatcher: (option, value: ClientOptions['dispatcher']) =>
    must(typeof value?.dispatch === 'function', option, value, 'an object with a function dispatch'),
  // The message names only the kind of the value: a value that is not a token can still be a secret.
  token: (option, value) =>
    must(
      (typeof value === 'string' && value !== '') || typeof value === 'function' || isTokenSource(value),
      option,
      value && typeof value,
      'a string, a function that fetches one, or a source with the methods get and rejected',
    ),
};

/** @throws {ConfigurationError} without the value, which is a secret. */
function givenCredentials(option: string, value: NonNullable<ClientOptions['credentials']>): void {
  givenObject(option, value);
  if (isBasic(value)) return;
  const half = Object.keys(value).some((name) => name === 'username' || name === 'password');
  must(!half, option, new Wording('a user name or a password alone, or not as text'), 'both, as text');
  for (const [name, given] of Object.entries(value)) {
    if (given === undefined) continue;
    const fits = (typeof given === 'string' && given !== '') || typeof given === 'function' || isBasic(given) || isTokenSource(given);
    must(
      fits,
      `${option}.${name}`,
      given && new Wording(typeof given),
      'a string, a function, a source of tokens, or user name and password',
    );
  }
}

function isTokenSource(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { get, rejected } = value as Partial<Record<string, unknown>>;
  return typeof get === 'function' && typeof rejected === 'function';
}

const CLIENT = namesOf<ClientOptions>({
  token: 1,
  identity: 1,
  credentials: 1,
  baseUrl: 1,
  headers: 1,
  dispatcher: 1,
  transport: 1,
  registry: 1,
  breaker: 1,
  timeoutMs: 1,
  totalTimeoutMs: 1,
  retry: 1,
  bulkhead: 1,
  rateLimit: 1,
  coalesce: 1,
  fallbacks: 1,
  onEvent: 1,
  instrumentation: 1,
  environment: 1,
  env: 1,
  maxResponseBytes: 1,
  clock: 1,
  random: 1,
});

const CALL = namesOf<CallOptions>({
  signal: 1,
  identity: 1,
  timeoutMs: 1,
  totalTimeoutMs: 1,
  retry: 1,
  idempotent: 1,
  headers: 1,
  coalesce: 1,
  maxWaitMs: 1,
  fallback: 1,
});

/** Checks that a client's options exist and are of the right kind. The layers check their numbers. @throws {ConfigurationError} */
export function checkKinds(options: ClientOptions): void {
  refuseUnknown('a client', givenObject('options of the client', options), CLIENT);
  // Inherited options apply as well.
  for (const key in options) if (Object.hasOwn(CHECKS, key)) checkKind(options, key as keyof ClientOptions);
}

function checkKind(options: ClientOptions, key: keyof ClientOptions): void {
  if (options[key] !== undefined) CHECKS[key]?.(key, options[key] as never);
}

/** As `checkKinds`, for the options of a call. @throws {ConfigurationError} */
export function checkCallKinds(options: CallOptions): void {
  refuseUnknown('a call', givenObject('options of the call', options), CALL);
  const { signal, headers, identity } = options;
  if (identity !== undefined) must(typeof identity === 'string', 'identity', typeof identity, 'a string');
  if (signal !== undefined) givenSignal('signal', signal);
  if (headers !== undefined) givenObject('headers', headers);
}

function givenBreaker(option: string, value: BreakerInput): void {
  givenObject(option, value);
  if ('enter' in value)
    throw new ConfigurationError(
      option,
      new Wording('a CircuitBreaker'),
      'thresholds such as { failureThreshold: 3 }',
      'Clients of one service share its circuit without it, and `protect` of fuseline/protect takes a circuit.',
    );
  checkBreakerNames(value);
}
