import type { Diagnostic } from '../../runtime/config/diagnostic.js';
import { diagnostic } from '../../runtime/config/source.js';
import { describeUnknown, unknownVariables } from '../../runtime/config/unknown-variables.js';

/** Returns a warning for each environment variable that is probably a misspelt one. */
export function variableWarnings(services: readonly string[], env: Readonly<Record<string, string | undefined>>): readonly Diagnostic[] {
  return unknownVariables(services, env).map((variable) =>
    diagnostic('environment', { severity: 'warning', code: 'unknown-variable', ...describeUnknown(variable) }),
  );
}
