import type { PolicyValues } from '../../config/types.js';
import { must } from '../../errors/given.js';
import { countOption, durationOption } from '../../policies/circuit-breaker/ranges.js';

export type Draft = { -readonly [K in keyof PolicyValues]?: PolicyValues[K] };

/** Returns the value, or throws what was found and expected. */
type Check = (option: string, value: unknown) => unknown;

/** The options that an object can hold: each option, the setting that it stands for, and how it is checked. */
export type Rows = readonly (readonly [option: string, setting: keyof PolicyValues, check: Check])[];

/** Checks the given options and puts them into the draft. Errors name an option with its `place` in front. @throws {ConfigurationError} */
export function fill(draft: Draft, place: string, given: object, rows: Rows): void {
  for (const [option, setting, check] of rows) {
    const value = (given as Readonly<Record<string, unknown>>)[option];
    if (value !== undefined) (draft as Record<string, unknown>)[setting] = check(place + option, value);
  }
}

function checked(valid: (value: never) => boolean, expected: string): Check {
  return (option, value) => {
    must(valid(value as never), option, value, expected);
    return value;
  };
}

const isNumber = (least: number) => (value: number) => Number.isFinite(value) && value >= least;

export const count: Check = (option, value) => countOption(option, value as number, 1);
export const countFrom0: Check = (option, value) => countOption(option, value as number, 0);
export const duration: Check = (option, value) => durationOption(option, value as number, 0);
export const factor = checked(isNumber(1), 'a number, 1 or more');
export const flag = checked((value: unknown) => typeof value === 'boolean', 'true or false');

const isStatus = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 100 && (value as number) <= 599;
export const statuses = checked((list: unknown) => Array.isArray(list) && list.every(isStatus), 'a list of statuses from 100 to 599');

/** Checks a wait, which can be 0. Null means no limit. */
export const wait = orNull(checked(isNumber(0), 'milliseconds, 0 or more, or null where none is wanted'));

/** Checks a limit of time. Null means no limit. */
export const limit = orNull(checked(isNumber(1), 'milliseconds, 1 or more, or null where none is wanted'));

export function oneOf(...words: readonly string[]): Check {
  return checked((value: string) => words.includes(value), words.length === 2 ? words.join(' or ') : `one of ${words.join(', ')}`);
}

/** A whole number. */
export function countUpTo(most: number): Check {
  return (option, value) => countOption(option, value as number, 1, most);
}

/** Milliseconds, 1 or more. */
export function durationUpTo(most: number): Check {
  return checked((value: number) => isNumber(1)(value) && value <= most, `milliseconds from 1 to ${most.toLocaleString('en')}`);
}

export function orNull(check: Check): Check {
  return (option, value) => (value === null ? null : check(option, value));
}
