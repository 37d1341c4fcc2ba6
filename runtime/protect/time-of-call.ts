import type { TimeoutError } from '../errors/call-errors.js';
import { kindOfAny } from '../errors/cause.js';
import type { Expiry } from '../policies/stage.js';

/**
 * Returns the end of a call's time if a signal aborts for it, and undefined for any other reason of an abort. A tier is a part of another call: that
 * call's total limit reaches the tier as an abort, and a tier that hung until then must open its circuit.
 */
export function endOfTime(reason: unknown): Expiry | undefined {
  if (kindOfAny(reason) !== 'timeout') return undefined;
  try {
    const error = reason as TimeoutError;
    return error.scope === 'total' ? { error, limitMs: error.timeoutMs } : undefined;
  } catch {
    // A caller's own reason can be any object.
    return undefined;
  }
}
