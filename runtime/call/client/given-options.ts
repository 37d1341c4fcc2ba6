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
  // Its kind alone: even what is no token may be a secret.
  token: (option, value) =>
    must(
      typeof value === 'string' || typeof value === 'function',
      option,
      value && typeof value,
      'a string, or a function that fetches one',
    ),
};

/** That a client's options are of the kinds that they must be; the layers look at their numbers. @throws {ConfigurationError} */
export function checkKinds(options: ClientOptions): void {
  givenObject('options of the client', options);
  // Inherited options apply as well.
  for (const key in options) if (Object.hasOwn(CHECKS, key)) checkKind(options, key as keyof ClientOptions);
}

function checkKind(options: ClientOptions, key: keyof ClientOptions): void {
  if (options[key] !== undefined) CHECKS[key]?.(key, options[key] as never);
}

/** As `checkKinds`, for the options of a call. @throws {ConfigurationError} */
export function checkCallKinds({ signal, headers, retry, identity }: CallOptions): void {
  if (identity !== undefined) must(typeof identity === 'string', 'identity', typeof identity, 'a string');
  if (signal !== undefined) givenSignal('signal', signal);
  if (headers !== undefined) givenObject('headers', headers);
  if (retry !== undefined) givenRetry('retry', retry);
}

function givenRetry(option: string, value: ClientOptions['retry']): void {
  if (value !== false) givenObject(option, value, 'false or an object');
}
