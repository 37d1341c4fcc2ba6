import { ConfigurationError } from '../errors/configuration-error.js';
import { givenClock, givenFunction, givenObject, givenSignal } from '../errors/given.js';
import type { CallOptions, ClientOptions } from './options.js';

const OBJECTS = ['breaker', 'fallbacks', 'headers', 'credentials', 'env'] as const;
const FUNCTIONS = ['onEvent', 'random'] as const;

/** That a client's options are of the kinds that they must be; the layers look at their numbers. @throws {ConfigurationError} */
export function checkKinds(options: ClientOptions): void {
  givenObject('options of the client', options);
  for (const key of OBJECTS) if (options[key] !== undefined) givenObject(key, options[key]);
  for (const key of FUNCTIONS) if (options[key] !== undefined) givenFunction(key, options[key]);
  const { token, baseUrl, transport, dispatcher, clock, environment, retry } = options;
  // Its kind alone: even what is no token may be a secret.
  if (token !== undefined && typeof token !== 'string' && typeof token !== 'function')
    throw new ConfigurationError('token', token === null ? token : typeof token, 'a string, or a function that fetches one');
  if (baseUrl !== undefined && typeof baseUrl !== 'string') throw new ConfigurationError('baseUrl', baseUrl, 'an absolute URL as text');
  if (transport !== undefined && transport !== 'undici' && transport !== 'fetch')
    throw new ConfigurationError('transport', transport, 'undici or fetch');
  if (dispatcher !== undefined && typeof dispatcher?.dispatch !== 'function')
    throw new ConfigurationError('dispatcher', dispatcher, 'an object with a function dispatch');
  if (clock !== undefined) givenClock('clock', clock);
  if (environment !== undefined && typeof environment !== 'string') throw new ConfigurationError('environment', environment, 'a name');
  checkRetry(retry);
}

/** As `checkKinds`, for the options of a call. @throws {ConfigurationError} */
export function checkCallKinds({ signal, headers, retry }: CallOptions): void {
  if (signal !== undefined) givenSignal('signal', signal);
  if (headers !== undefined) givenObject('headers', headers);
  checkRetry(retry);
}

function checkRetry(retry: ClientOptions['retry']): void {
  if (retry !== undefined && retry !== false) givenObject('retry', retry, 'false or an object');
}
