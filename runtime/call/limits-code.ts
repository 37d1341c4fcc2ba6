import type { Call } from './call.js';
import type { Guard, Limits } from './guard.js';

/** Bulkhead and rate limiter of an operation: made when its first call comes. */
export interface LimitSlot {
  made: Limits | undefined;
}

/** What puts calls under limits, and lets them share requests. */
export interface LimitsCode {
  guardFor(call: Call, totalAt: number): Guard;
}

let code: LimitsCode | undefined;

/** Undefined until it is there: most operations have no limits, and their clients need not load the code when they start. */
export function limitsCode(): LimitsCode | undefined {
  return code;
}

/** Loads it where it is not there yet. */
export async function loadLimits(): Promise<void> {
  code ??= await import('./shared/limits.js');
}

/** Puts it there at once, for whoever cannot wait. */
export function provideLimits(loaded: LimitsCode): void {
  code = loaded;
}
