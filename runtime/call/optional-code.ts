import type { OptionalCode } from './optional-links.js';

let code: OptionalCode | undefined;

/** Returns the code of the limits, or undefined if it is not loaded yet. Clients load it only when needed: most operations have no limits. */
export function optionalCode(): OptionalCode | undefined {
  return code;
}

/** Loads the code of the limits, unless it is already loaded. */
export async function loadOptionalCode(): Promise<OptionalCode> {
  code ??= await import('./shared/limits.js');
  return code;
}

/** Sets the code of the limits synchronously, for callers that cannot wait. */
export function provideOptionalCode(loaded: OptionalCode): void {
  code = loaded;
}
