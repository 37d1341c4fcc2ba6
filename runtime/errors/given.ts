import type { Clock } from '../clock.js';
import { ConfigurationError } from './configuration-error.js';

/** Options. @throws {ConfigurationError} where they are no object: what is destructured from a null says nothing of where it came from. */
export function givenObject<T>(option: string, value: T, expected = 'an object'): T & object {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new ConfigurationError(option, value, expected);
}

/** @throws {ConfigurationError} */
export function givenFunction<T>(option: string, value: T): T {
  if (typeof value === 'function') return value;
  throw new ConfigurationError(option, value, 'a function');
}

/** @throws {ConfigurationError} */
export function givenFlag(option: string, value: boolean): boolean {
  if (typeof value === 'boolean') return value;
  throw new ConfigurationError(option, value, 'true or false');
}

/** @throws {ConfigurationError} */
export function givenClock(option: string, value: Clock): Clock {
  if (typeof value?.now === 'function' && typeof value.setTimeout === 'function') return value;
  throw new ConfigurationError(option, value, 'a Clock: now, wallNow, setTimeout and clearTimeout');
}

/** Also one of another realm. @throws {ConfigurationError} */
export function givenSignal(option: string, value: AbortSignal): AbortSignal {
  if (typeof value?.addEventListener === 'function' && 'aborted' in value) return value;
  throw new ConfigurationError(option, value, 'an AbortSignal');
}
