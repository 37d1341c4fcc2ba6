import { ConfigurationError } from '../errors/configuration-error.js';

/** @throws {ConfigurationError} */
export function count(option: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < 1) throw new ConfigurationError(option, value, 'a whole number, 1 or more');
  return value;
}

/** @throws {ConfigurationError} */
export function statuses(option: string, given: readonly number[]): readonly number[] {
  if (!Array.isArray(given)) throw new ConfigurationError(option, given, 'a list of statuses');
  for (const status of given)
    if (!Number.isSafeInteger(status) || status < 100 || status > 599)
      throw new ConfigurationError(option, status, 'statuses from 100 to 599');
  return given;
}

/** @throws {ConfigurationError} */
export function duration(option: string, value: number, least: number): number {
  if (!Number.isFinite(value) || value < least)
    throw new ConfigurationError(option, value, `milliseconds, ${least} or more, or null where none is wanted`);
  return value;
}
