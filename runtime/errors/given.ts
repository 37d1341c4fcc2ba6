import type { Clock } from '../clock.js';
import { ConfigurationError } from './configuration-error.js';

/** @throws {ConfigurationError} if `holds` is false. */
export function must(holds: boolean, option: string, found: unknown, expected: string): void {
  if (!holds) throw new ConfigurationError(option, found, expected);
}

/** Returns the options. @throws {ConfigurationError} if they are not an object. Destructuring null would throw an error that names no option. */
export function givenObject<T>(option: string, value: T, expected = 'an object'): T & object {
  must(typeof value === 'object' && value !== null && !Array.isArray(value), option, value, expected);
  return value as T & object;
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
  const works = typeof value?.now === 'function' && typeof value.setTimeout === 'function';
  must(works, option, value, 'a Clock: now, wallNow, setTimeout and clearTimeout');
  return value;
}

/** Returns an object. @throws {ConfigurationError} if it lacks a method. `expected` says what has them. */
export function givenMethods<M extends string>(expected: string, ...methods: readonly M[]) {
  return (option: string, value: { readonly [K in M]: unknown }): void =>
    must(
      methods.every((method) => typeof value?.[method] === 'function'),
      option,
      value,
      expected,
    );
}

/** Returns the signal, which can be one of another realm. @throws {ConfigurationError} if it is not an AbortSignal. */
export function givenSignal(option: string, value: AbortSignal): AbortSignal {
  must(typeof value?.addEventListener === 'function' && 'aborted' in value, option, value, 'an AbortSignal');
  return value;
}
