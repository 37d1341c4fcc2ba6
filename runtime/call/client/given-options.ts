import { givenClock, givenFunction, givenObject, givenSignal, must } from '../../errors/given.js';
import type { CallOptions, ClientOptions } from './options.js';

type Check = (option: string, value: never) => unknown;

const CHECKS: { readonly [K in keyof ClientOptions]?: Check } = {
  breaker: givenObject,
  fallbacks: givenObject,
  headers: givenObject,
  credentials: givenObject,
  env: givenObject,
  onEvent: givenFunction,
  random: givenFunction,
  clock: givenClock,
  environment: (option, value) => must(typeof value === 'string', option, value, 'a name'),
  retry: givenRetry,
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
      typeof value === 'string' || typeof value === 'function',
      option,
      value && typeof value,
      'a string, or a function that fetches one',
    ),
};

/** Checks the kinds of a client's options. The layers check their numbers. @throws {ConfigurationError} */
export function checkKinds(options: ClientOptions): void {
  givenObject('options of the client', options);
  for (const key of Object.keys(CHECKS) as (keyof ClientOptions)[])
    if (options[key] !== undefined) CHECKS[key]?.(key, options[key] as never);
}

/** Checks the kinds of a call's options. @throws {ConfigurationError} */
export function checkCallKinds({ signal, headers, retry, identity }: CallOptions): void {
  if (identity !== undefined) must(typeof identity === 'string', 'identity', typeof identity, 'a string');
  if (signal !== undefined) givenSignal('signal', signal);
  if (headers !== undefined) givenObject('headers', headers);
  if (retry !== undefined) givenRetry('retry', retry);
}

function givenRetry(option: string, value: ClientOptions['retry']): void {
  if (value !== false) givenObject(option, value, 'false or an object');
}
