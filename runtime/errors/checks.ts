import { MAX_TIMER_MS } from '../clock.js';
import { ConfigurationError } from './configuration-error.js';
import { must } from './given.js';
import { isList, passes } from './readable.js';

/** Returns the value, or throws what was found and expected. */
export type Check = (option: string, value: unknown) => unknown;

/** A whole number. @throws {ConfigurationError} naming option, value and range. */
export function countOption(option: string, value: number, least: number, most: number = Number.MAX_SAFE_INTEGER): number {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
  throw new ConfigurationError(option, value, wholeNumber(least, most));
}

function wholeNumber(least: number, most: number): string {
  if (most === Number.MAX_SAFE_INTEGER) return `a whole number, ${least} or more`;
  return `a whole number from ${least} to ${most.toLocaleString('en')}`;
}

/** Milliseconds. @throws {ConfigurationError} naming option, value and range. */
export function durationOption(option: string, value: number, least: number): number {
  must(Number.isFinite(value) && value >= least, option, value, `milliseconds, ${least} or more`);
  return value;
}

function checked(valid: (value: never) => boolean, expected: string): Check {
  return (option, value) => {
    must(passes(valid, value as never), option, value, expected);
    return value;
  };
}

const isNumber = (least: number) => (value: number) => Number.isFinite(value) && value >= least;

export const count: Check = (option, value) => countOption(option, value as number, 1);
export const countFrom0: Check = (option, value) => countOption(option, value as number, 0);
export const duration: Check = (option, value) => durationOption(option, value as number, 0);
export const factor = checked(isNumber(1), 'a number, 1 or more');
export const text = checked((value: unknown) => typeof value === 'string', 'a text');
export const flag = checked((value: unknown) => typeof value === 'boolean', 'true or false');

const isStatus = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 100 && (value as number) <= 599;
const statusList = checked((list: unknown) => Array.isArray(list) && list.every(isStatus), 'a list of statuses from 100 to 599');

/** Returns a copy, because the caller can change the list later. */
export const statuses: Check = (option, value) => [...(statusList(option, value) as readonly number[])];

/** How long to wait for a turn, in milliseconds. 0: no wait. `null` and `Infinity`: no limit. */
export const wait = orNull(checked(isNumber(0), 'milliseconds, 0 or more, or null for no limit'));

/** A time limit, in milliseconds. `null` and `Infinity`: no limit. */
export const limit = orNull(
  checked((value: number) => Number.isFinite(value) && value > 0, 'milliseconds, more than 0, or null for no limit'),
);

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

/** The delay of a timer, 1 or more. */
export const timer = durationUpTo(MAX_TIMER_MS);

/** A list whose items pass the check. A message names the first item that does not. */
export function listOf(check: (option: string, item: never) => unknown): Check {
  return (option, list) => {
    if (!isList(list)) throw new ConfigurationError(option, list, 'a list');
    for (const [at, item] of list.entries()) check(`${option}[${at}]`, item as never);
    return list;
  };
}

/** `null` and `Infinity` become `null`. */
export function orNull(check: Check): Check {
  return (option, value) => (value === null || value === Number.POSITIVE_INFINITY ? null : check(option, value));
}
