import type { Clock } from '../clock.js';
import { ConfigurationError } from './configuration-error.js';
import { isObject, isReadable, passes } from './readable.js';

/** @throws {ConfigurationError} if `holds` is false. */
export function must(holds: boolean, option: string, found: unknown, expected: string): void {
  if (!holds) throw new ConfigurationError(option, found, expected);
}

/** Returns the options. @throws {ConfigurationError} if they are not an object. Destructuring null would throw an error that names no option. */
export function givenObject<T>(option: string, value: T, expected = 'an object'): T & object {
  must(isObject(value), option, value, expected);
  return value as T & object;
}

/**
 * Refuses options whose value cannot be read, such as a revoked Proxy: a later look at it would throw an error that names no option.
 *
 * @throws {ConfigurationError} naming the option. `place` stands before it.
 */
export function refuseUnreadable(given: object, place = ''): void {
  for (const name in given) givenReadable(place + name, (given as Readonly<Record<string, unknown>>)[name]);
}

/** @throws {ConfigurationError} for a value that cannot be read. */
export function givenReadable(option: string, value: unknown): void {
  must(isReadable(value), option, value, 'a value that can be read');
}

/** Returns the function. @throws {ConfigurationError} if it is not a function. */
export function givenFunction<T>(option: string, value: T): T {
  must(typeof value === 'function', option, value, 'a function');
  return value;
}

/** Returns the name. @throws {ConfigurationError} if it is empty or not a string. */
export function givenName(option: string, value: string): string {
  must(typeof value === 'string' && value !== '', option, value, 'a name');
  return value;
}

/** Returns the clock. @throws {ConfigurationError} if it lacks a method. */
export function givenClock(option: string, value: Clock): Clock {
  must(passes(isClock, value), option, value, 'a Clock: now, wallNow, setTimeout and clearTimeout');
  return value;
}

function isClock(value: Clock): boolean {
  return typeof value?.now === 'function' && typeof value.setTimeout === 'function';
}

/** Returns an object. @throws {ConfigurationError} if it lacks a method. `expected` says what has them. */
export function givenMethods<M extends string>(expected: string, ...methods: readonly M[]) {
  type Methods = { readonly [K in M]: unknown };
  const hasAll = (value: Methods): boolean => methods.every((method) => typeof value?.[method] === 'function');
  return (option: string, value: Methods): void => must(passes(hasAll, value), option, value, expected);
}

/** Returns the signal, which can be one of another realm. @throws {ConfigurationError} if it is not an AbortSignal. */
export function givenSignal(option: string, value: AbortSignal): AbortSignal {
  must(passes(isSignal, value), option, value, 'an AbortSignal');
  return value;
}

function isSignal(value: AbortSignal): boolean {
  return typeof value?.addEventListener === 'function' && 'aborted' in value;
}
