import { givenObject, must } from '../../errors/given.js';
import { type Names, refuseUnknown } from '../../errors/known-options.js';

export { countOption, durationOption } from '../../errors/checks.js';

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
