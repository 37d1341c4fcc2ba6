import { ConfigurationError } from '../../errors/configuration-error.js';
import { givenObject, must } from '../../errors/given.js';

/** Returns `value` if it is a whole number in the range. @throws {ConfigurationError} naming option, value and range. */
export function countOption(option: string, value: number, least: number, most: number = Number.MAX_SAFE_INTEGER): number {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
  throw new ConfigurationError(option, value, wholeNumber(least, most));
}

/** Returns `value` if it is a finite number of milliseconds, `least` or more. @throws {ConfigurationError} naming option, value and range. */
export function durationOption(option: string, value: number, least: number): number {
  must(Number.isFinite(value) && value >= least, option, value, `milliseconds, ${least} or more`);
  return value;
}

/** Returns `value` if it is a share from 0 to 1. @throws {ConfigurationError} naming option, value and range. */
export function shareOption(option: string, value: number): number {
  must(Number.isFinite(value) && value >= 0 && value <= 1, option, value, 'a share from 0 to 1');
  return value;
}

/**
 * Returns `value` if it is a rate above 0, up to 1, or null, which turns the rate off. A rate of 0 would be reached without any failure.
 *
 * @throws {ConfigurationError} naming option, value and range.
 */
export function rateOption(option: string, value: number | null): number | null {
  must(value === null || (Number.isFinite(value) && value > 0 && value <= 1), option, value, 'a share above 0, up to 1, or null for none');
  return value;
}

/** Returns `value` if it is an object. @throws {ConfigurationError} naming option and value. */
export function objectOption<T extends object>(option: string, value: T): T {
  return givenObject(option, value, 'an object, or false for none');
}

/** Returns a copy without the keys whose value is undefined: such an option counts as not given. */
export function withoutUndefined<T extends object>(given: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

function wholeNumber(least: number, most: number): string {
  if (most === Number.MAX_SAFE_INTEGER) return `a whole number, ${least} or more`;
  return `a whole number from ${least} to ${most.toLocaleString('en')}`;
}
