import { brand, type ErrorPlace, FuselineError } from './base.js';
import { shownName, shownValue, Wording } from './shown-value.js';

export { Wording };

const NOWHERE: ErrorPlace = { service: undefined, operation: undefined };

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
    /** Set if a single operation has the fault. */
    where: ErrorPlace = NOWHERE,
  ) {
    super(`${shownName(option)} is ${shownValue(found)}, expected ${expected}${hint === undefined ? '' : `. ${hint}`}`, where);
  }
}

brand(ConfigurationError, 'ConfigurationError');
