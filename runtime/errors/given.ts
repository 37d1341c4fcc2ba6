import type { Clock } from '../clock.js';
import { ConfigurationError } from './configuration-error.js';

/** @throws {ConfigurationError} unless it holds. */
export function must(holds: boolean, option: string, found: unknown, expected: string): void {
  if (!holds) throw new ConfigurationError(option, found, expected);
}

/** Options. @throws {ConfigurationError} where they are no object: what is destructured from a null says nothing of where it came from. */
export function givenObject<T>(option: string, value: T, expected = 'an object'): T & object {
  must(typeof value === 'object' && value !== null && !Array.isArray(value), option, value, expected);
  return value as T & object;
}

/** @throws {ConfigurationError} */
export function givenFunction<T>(option: string, value: T): T {
  must(typeof value === 'function', option, value, 'a function');
  return value;
}

/** @throws {ConfigurationError} */
export function givenName(option: string, value: string): string {
  must(typeof value === 'string' && value !== '', option, value, 'a name');
  return value;
}

/** @throws {ConfigurationError} */
export function givenClock(option: string, value: Clock): Clock {
  const works = typeof value?.now === 'function' && typeof value.setTimeout === 'function';
  must(works, option, value, 'a Clock: now, wallNow, setTimeout and clearTimeout');
  return value;
}

/** Also one of another realm. @throws {ConfigurationError} */
export function givenSignal(option: string, value: AbortSignal): AbortSignal {
  must(typeof value?.addEventListener === 'function' && 'aborted' in value, option, value, 'an AbortSignal');
  return value;
}
