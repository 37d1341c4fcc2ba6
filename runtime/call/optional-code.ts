import type { OptionalCode } from './optional-links.js';

let code: OptionalCode | undefined;

/** Undefined until it is there: most operations have no limits, and their clients need not load the code when they start. */
export function optionalCode(): OptionalCode | undefined {
  return code;
}

/** Loads the code if it is not there yet. */
export async function loadOptionalCode(): Promise<OptionalCode> {
  code ??= await import('./shared/limits.js');
  return code;
}

/** Puts the code there synchronously, for what cannot wait. */
export function provideOptionalCode(loaded: OptionalCode): void {
  code = loaded;
}
