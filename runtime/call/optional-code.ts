import type { OptionalCode } from './optional-links.js';

let code: OptionalCode | undefined;

/** Returns the code, or undefined until it is loaded. Clients do not load it at their start, because most operations have no limits. */
export function optionalCode(): OptionalCode | undefined {
  return code;
}

/** Loads the code if it is not there yet. */
export async function loadOptionalCode(): Promise<OptionalCode> {
  code ??= await import('./shared/limits.js');
  return code;
}

/** Sets the code synchronously, for callers that cannot wait. */
export function provideOptionalCode(loaded: OptionalCode): void {
  code = loaded;
}
