import { ConfigurationError } from '../errors/configuration-error.js';
import { givenObject, must } from '../errors/given.js';
import { type Names, refuseUnknown } from '../errors/known-options.js';

/** A whole number. @throws {ConfigurationError} naming option, value and range. */
export function countOption(option: string, value: number, least: number, most: number = Number.MAX_SAFE_INTEGER): number {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
  throw new ConfigurationError(option, value, wholeNumber(least, most));
}

/** Milliseconds. @throws {ConfigurationError} naming option, value and range. */
export function durationOption(option: string, value: number, least: number): number {
  must(Number.isFinite(value) && value >= least, option, value, `milliseconds, ${least} or more`);
  return value;
}

/** A share that may be 0. @throws {ConfigurationError} naming option, value and range. */
export function shareOption(option: string, value: number): number {
  must(Number.isFinite(value) && value >= 0 && value <= 1, option, value, 'a share from 0 to 1');
  return value;
}

/** A rate that can be reached but not by doing nothing; null turns it off. @throws {ConfigurationError} naming option, value and range. */
export function rateOption(option: string, value: number | null): number | null {
  must(value === null || (Number.isFinite(value) && value > 0 && value <= 1), option, value, 'a share above 0, up to 1, or null for none');
  return value;
}

/** An object of options, each of them among `known`. @throws {ConfigurationError} */
export function objectOption<T extends object>(option: string, value: T, known: Names): T {
  const given = givenObject(option, value, 'an object, or false for none');
  refuseUnknown(option, given, known, `${option}.`);
  return given;
}

function wholeNumber(least: number, most: number): string {
  if (most === Number.MAX_SAFE_INTEGER) return `a whole number, ${least} or more`;
  return `a whole number from ${least} to ${most.toLocaleString('en')}`;
}
