import { flag, oneOf } from '../../errors/checks.js';
import { ConfigurationError, Wording } from '../../errors/configuration-error.js';
import { givenClock, givenFunction, givenObject, givenSignal, must, refuseUnreadable } from '../../errors/given.js';
import { type Elsewhere, namesOf, refuseInherited, refuseUnknown } from '../../errors/known-options.js';
import { shownClass } from '../../errors/shown-value.js';
import { type BreakerInput, checkBreakerNames } from '../../policies/circuit-breaker/options.js';
import { isBasic } from '../request/signing.js';
import type { NamedCredentials } from './credentials.js';
import type { CallOptions, ClientOptions } from './options.js';

type Check = (option: string, value: never) => unknown;

const CHECKS: { readonly [K in keyof ClientOptions]?: Check } = {
  breaker: givenBreaker,
  fallbacks: givenObject,
  headers: givenHeaders,
  credentials: givenCredentials,
  env: givenObject,
  onEvent: givenFunction,
  random: givenFunction,
  clock: givenClock,
  compression: flag,
  captureStack: flag,
  redirects: oneOf('error', 'follow'),
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
  // The message names only the type of the value: a value that is not a valid token can still be a secret.
  token: (option, value) =>
    must(
      isToken(value) || typeof value === 'function' || isTokenSource(value),
      option,
      typeof value === 'string' ? '' : value && typeof value,
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
    const fits = isToken(given) || typeof given === 'function' || isBasic(given) || isTokenSource(given);
    const found = typeof given === 'string' ? '' : given && new Wording(typeof given);
    must(fits, `${option}.${name}`, found, 'a string, a function, a source of tokens, or user name and password');
  }
}

function isToken(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '';
}

function isTokenSource(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { get, rejected } = value as Partial<Record<string, unknown>>;
  return typeof get === 'function' && typeof rejected === 'function';
}

export const CLIENT = namesOf<ClientOptions>({
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
  compression: 1,
  captureStack: 1,
  redirects: 1,
  maxResponseBytes: 1,
  clock: 1,
  random: 1,
});

export const CALL = namesOf<CallOptions>({
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

/** What to do with an option of the client that is given to a call, and the other way round. */
const OF_CLIENT: Elsewhere = {
  names: CLIENT,
  hint: (name) => `It is an option of the client: \`client.withOptions({ ${name} })\` returns a client that has it.`,
};
const OF_CALL: Elsewhere = { names: CALL, hint: () => 'It is an option of a single call.' };

/**
 * Checks the names and types of a client's options. The layers check the values of numbers.
 *
 * @throws {ConfigurationError} naming the invalid option.
 */
export function checkKinds(options: ClientOptions): void {
  refuseUnknown('a client', givenObject('options of the client', options), CLIENT, '', OF_CALL);
  refuseUnreadable(options);
  // Inherited options apply as well.
  for (const key in options) if (Object.hasOwn(CHECKS, key)) checkKind(options, key as keyof ClientOptions);
}

/**
 * Checks that no option of a client comes from `Object.prototype`. Something can add one there after the client was made, and the client reads some options
 * when it calls an operation for the first time. Runs at every call.
 *
 * @throws {ConfigurationError}
 */
export function checkInherited(options: object): void {
  refuseInherited('a client', options, CLIENT);
}

function checkKind(options: ClientOptions, key: keyof ClientOptions): void {
  if (options[key] !== undefined) CHECKS[key]?.(key, options[key] as never);
}

/** Checks the names and types of the options of a call. @throws {ConfigurationError} naming the invalid option. */
export function checkCallKinds(options: CallOptions): void {
  refuseUnknown('a call', givenObject('options of the call', options), CALL, '', OF_CLIENT);
  const { signal, headers, identity } = options;
  if (identity !== undefined) must(typeof identity === 'string', 'identity', typeof identity, 'a string');
  if (signal !== undefined) givenSignal('signal', signal);
  if (headers !== undefined) givenHeaders('headers', headers);
}

/**
 * Returns a copy of a client's options. The client reads them again later, for example when an operation is called for the first time, and the
 * caller's object can be that of another tenant by then. Each option is read once: it can be a getter of a class.
 */
export function takeOptions(options: ClientOptions): ClientOptions {
  const { headers, credentials, fallbacks } = options;
  const taken: { [K in keyof Required<ClientOptions>]: ClientOptions[K] } = {
    token: options.token,
    identity: options.identity,
    credentials: credentials && takenCredentials(credentials),
    baseUrl: options.baseUrl,
    headers: headers && { ...headers },
    dispatcher: options.dispatcher,
    transport: options.transport,
    registry: options.registry,
    breaker: options.breaker,
    timeoutMs: options.timeoutMs,
    totalTimeoutMs: options.totalTimeoutMs,
    retry: options.retry,
    bulkhead: options.bulkhead,
    rateLimit: options.rateLimit,
    coalesce: options.coalesce,
    fallbacks: fallbacks && { ...fallbacks },
    onEvent: options.onEvent,
    instrumentation: options.instrumentation,
    environment: options.environment,
    env: options.env,
    captureStack: options.captureStack,
    compression: options.compression,
    redirects: options.redirects,
    maxResponseBytes: options.maxResponseBytes,
    clock: options.clock,
    random: options.random,
  };
  return taken as ClientOptions;
}

/** A copy, each property read once. Sources of tokens stay the caller's objects. */
function takenCredentials(given: NonNullable<ClientOptions['credentials']>): ClientOptions['credentials'] {
  const { username, password } = given;
  if (typeof username === 'string' && typeof password === 'string') return { username, password };
  const named = Object.entries(given as NamedCredentials);
  return Object.fromEntries(named.map(([name, one]) => [name, isBasic(one) ? { username: one.username, password: one.password } : one]));
}

/** Headers are an object. A `Headers`, a `Map` or a list has no properties of its own, so its headers would be left out. */
function givenHeaders(option: string, value: object): void {
  givenObject(option, value, 'an object with names and values');
  if (Symbol.iterator in value)
    throw new ConfigurationError(
      option,
      new Wording(`a ${shownClass(value) ?? 'list'}`),
      'an object with names and values',
      'Object.fromEntries makes one.',
    );
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
