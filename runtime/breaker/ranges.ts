import { ConfigurationError } from '../errors/configuration-error.js';

/** A whole number. @throws {ConfigurationError} naming option, value and range. */
export function countOption(option: string, value: number, least: number, most: number = Number.MAX_SAFE_INTEGER): number {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
  throw new ConfigurationError(option, value, wholeNumber(least, most));
}

/** Milliseconds. @throws {ConfigurationError} naming option, value and range. */
export function durationOption(option: string, value: number, least: number): number {
  if (Number.isFinite(value) && value >= least) return value;
  throw new ConfigurationError(option, value, `milliseconds, ${least} or more`);
}

/** A share that may be 0. @throws {ConfigurationError} naming option, value and range. */
export function shareOption(option: string, value: number): number {
  if (Number.isFinite(value) && value >= 0 && value <= 1) return value;
  throw new ConfigurationError(option, value, 'a share from 0 to 1');
}

/** A rate that can be reached but not by doing nothing; null turns it off. @throws {ConfigurationError} naming option, value and range. */
export function rateOption(option: string, value: number | null): number | null {
  if (value === null || (Number.isFinite(value) && value > 0 && value <= 1)) return value;
  throw new ConfigurationError(option, value, 'a share above 0, up to 1, or null for none');
}

/** An object of options. @throws {ConfigurationError} */
export function objectOption<T extends object>(option: string, value: T): T {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new ConfigurationError(option, value, 'an object, or false for none');
}

function wholeNumber(least: number, most: number): string {
  if (most === Number.MAX_SAFE_INTEGER) return `a whole number, ${least} or more`;
  return `a whole number from ${least} to ${most.toLocaleString('en')}`;
}
