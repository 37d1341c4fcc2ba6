import type { AlertSettings } from '../../config/alert-types.js';
import { type Diagnostic, DiagnosticError } from '../../config/diagnostic.js';
import { lastLoadErrors } from '../../config/last-load.js';
import { ConfigurationError } from '../../errors/configuration-error.js';

/** The part of a loaded breaker YAML that alerts need. */
export interface AlertConfig {
  alerts(environment?: string): AlertSettings | undefined;
}

/** The part of the whole result of `loadBreakers` that alerts need. */
export interface LoadedAlertConfig {
  /** Undefined if the file has errors. */
  readonly config: AlertConfig | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Returns the configuration itself.
 *
 * @throws {DiagnosticError} with the errors of the file, if it could not be loaded
 * @throws {ConfigurationError} if it is something else
 */
export function givenConfig(given: AlertConfig | LoadedAlertConfig | undefined): AlertConfig | undefined {
  if (given === undefined) return undefined;
  if (isConfig(given)) return given;
  if (typeof given !== 'object' || given === null || !Array.isArray(given.diagnostics) || !('config' in given))
    throw new ConfigurationError('config', given, 'the result of loadBreakers of fuseline/config');
  if (given.config === undefined) throw new DiagnosticError(given.diagnostics.filter(({ severity }) => severity === 'error'));
  return givenConfig(given.config);
}

/**
 * Throws the errors of the file that was read last, if the option `config` is there and undefined: `const { config } = await loadBreakers(…)`
 * has lost them on the way.
 *
 * @throws {DiagnosticError}
 */
export function throwLostErrors(options: { readonly config?: unknown }): void {
  const errors = lastLoadErrors();
  if ('config' in options && options.config === undefined && errors.length > 0) throw new DiagnosticError(errors);
}

function isConfig(given: unknown): given is AlertConfig {
  return typeof (given as AlertConfig | null)?.alerts === 'function';
}
