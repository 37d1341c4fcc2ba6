import { brand, FuselineError } from './base.js';
import { shownName, shownValue, Wording } from './shown-value.js';

export { Wording };

/** An option, environment variable or setting has a value that cannot work. Thrown at construction, never by a call whose setup was accepted. */
export class ConfigurationError extends FuselineError {
  readonly kind = 'configuration';
  readonly code = 'ECONFIG';

  constructor(
    /** The option or variable, as the user wrote it. */
    readonly option: string,
    found: unknown,
    expected: string,
    hint?: string,
  ) {
    super(`${shownName(option)} is ${shownValue(found)}, expected ${expected}${hint === undefined ? '' : `. ${hint}`}`, {
      service: undefined,
      operation: undefined,
    });
  }
}

brand(ConfigurationError, 'ConfigurationError');
