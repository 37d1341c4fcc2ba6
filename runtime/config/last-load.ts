import type { Diagnostic } from './diagnostic.js';

interface Outcome {
  readonly config: unknown;
  readonly diagnostics: readonly Diagnostic[];
}

let errors: readonly Diagnostic[] = [];

/** Stores the result of the last load of a breaker YAML, for functions that get only its `config`. */
export function noteLoad<R extends Outcome>(result: R): R {
  errors = result.config === undefined ? result.diagnostics.filter(({ severity }) => severity === 'error') : [];
  return result;
}

/** Returns the errors of the last load of a breaker YAML. Empty if it was valid, or if none was loaded. */
export function lastLoadErrors(): readonly Diagnostic[] {
  return errors;
}
