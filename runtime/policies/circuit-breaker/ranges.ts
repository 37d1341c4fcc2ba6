import { givenObject, must } from '../../errors/given.js';
import { type Names, refuseUnknown } from '../../errors/known-options.js';

export { countOption, durationOption } from '../../errors/checks.js';

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

/** Returns `value` if it is an object of known options. @throws {ConfigurationError} naming option and value. */
export function objectOption<T extends object>(option: string, value: T, known: Names): T {
  const given = givenObject(option, value, 'true, false or an object');
  refuseUnknown(option, given, known, `${option}.`);
  return given;
}

/** Returns a copy without the keys whose value is undefined: such an option counts as not given. */
export function withoutUndefined<T extends object>(given: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
