import { brand, FuselineError } from './base.js';

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
    super(`${option} is ${show(found)}, expected ${expected}${hint === undefined ? '' : `. ${hint}`}`, {
      service: undefined,
      operation: undefined,
    });
  }
}

brand(ConfigurationError, 'ConfigurationError');

/** Words that a message shows instead of the value, because the value can be a secret, or because its name is the fault. */
export class Wording {
  constructor(readonly text: string) {}
}

/** Shows a value on one line and shortened. Settings are not secrets, but they can be of any type and length. */
function show(value: unknown): string {
  if (value instanceof Wording) return value.text;
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  return typeof value === 'function' ? 'a function' : String(value);
}
