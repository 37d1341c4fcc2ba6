import type { Check } from '../../errors/checks.js';
import type { PolicyLayer } from '../types.js';

export type Draft = { -readonly [K in keyof PolicyLayer]?: PolicyLayer[K] };

/** The allowed options of an options object: each option, its setting, and its check. */
export type Rows = readonly (readonly [option: string, setting: keyof PolicyLayer, check: Check])[];

/** Adds the given options to the draft. `place` is the prefix of option names in messages. @throws {ConfigurationError} naming the invalid option. */
export function fill(draft: Draft, place: string, given: object, rows: Rows): void {
  for (const [option, setting, check] of rows) {
    const value = (given as Readonly<Record<string, unknown>>)[option];
    if (value !== undefined) (draft as Record<string, unknown>)[setting] = check(place + option, value);
  }
}
