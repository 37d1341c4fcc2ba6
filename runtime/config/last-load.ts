import type { Diagnostic } from './diagnostic.js';

interface Outcome {
  readonly config: unknown;
  readonly diagnostics: readonly Diagnostic[];
}

let errors: readonly Diagnostic[] = [];

/** Remembers how the last reading of a breaker YAML ended, for functions that are handed its `config` alone. */
export function noteLoad<R extends Outcome>(result: R): R {
  errors = result.config === undefined ? result.diagnostics.filter(({ severity }) => severity === 'error') : [];
  return result;
}

/** Returns the errors of the breaker YAML that was read last; none if it could be used, or if none was read. */
export function lastLoadErrors(): readonly Diagnostic[] {
  return errors;
}
