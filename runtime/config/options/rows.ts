import type { Check } from '../../errors/checks.js';
import type { PolicyLayer } from '../types.js';

export type Draft = { -readonly [K in keyof PolicyLayer]?: PolicyLayer[K] };

/** What an object of options may hold: each option, its setting, and its check. */
export type Rows = readonly (readonly [option: string, setting: keyof PolicyLayer, check: Check])[];

/** Puts the given options into the draft. Messages name each option with its `place` in front. @throws {ConfigurationError} */
export function fill(draft: Draft, place: string, given: object, rows: Rows): void {
  for (const [option, setting, check] of rows) {
    const value = (given as Readonly<Record<string, unknown>>)[option];
    if (value !== undefined) (draft as Record<string, unknown>)[setting] = check(place + option, value);
  }
}
